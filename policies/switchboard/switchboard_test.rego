# The tests of package switchboard. They bring their own data, so that they say the same wherever they run.
#
# acme is at home in EU/de and may see audits up to confidential (2) and agents up to internal (1). beta, in US, differs
# from it in everything, so that a rule that asks the wrong tenant is seen.
package switchboard_test

import rego.v1

tenants := {
	"acme": {
		"region": "EU/de",
		"labels": ["confidential", "pii"],
		"data_classes": {"audit": 2, "agents": 1},
	},
	"beta": {
		"region": "US",
		"labels": ["internal"],
		"data_classes": {"audit": 1, "logs": 3},
	},
}

classifications := {"public": 0, "internal": 1, "confidential": 2, "restricted": 3}

regions := {
	"EU": ["EU"],
	"EU/de": ["EU", "EU/de"],
	"EU/de/fra1": ["EU", "EU/de", "EU/de/fra1"],
	"EU/denmark": ["EU", "EU/denmark"],
	"US": ["US"],
}

# An allowed request: everything else is one change away from it.
request := {
	"subject": {"authenticated": true},
	"tenant": {"id": "acme"},
	"resource": {"tenant": "acme", "kind": "audit", "classification": "confidential", "label": "pii"},
	"context": {"region": "EU/de"},
}

decision(asked) := decided if {
	decided := data.switchboard.decision with input as asked
		with data.tenants as tenants
		with data.classifications as classifications
		with data.regions as regions
}

allowed := {"allow": true, "deny": set()}

denied(codes) := {"allow": false, "deny": {{"code": code} | some code in codes}}

changed(change) := object.union(request, change)

test_allowed[name] if {
	some name, change in {
		"as it stands": {},
		"a sub-region of home": {"context": {"region": "EU/de/fra1"}},
		"another label": {"resource": {"label": "confidential"}},
		"a lower class": {"resource": {"classification": "internal"}},
		"the lowest class": {"resource": {"classification": "public"}},
		"the ceiling of another kind": {"resource": {"kind": "agents", "classification": "internal"}},
		"the ceiling by rank": {"resource": {"classification": 2}},
		"a lower rank": {"resource": {"classification": 1}},
		"a rank with a fraction of zero": {"resource": {"classification": 1.0}},
		"a rank with an exponent": {"resource": {"classification": 1e0}},
		"rank zero": {"resource": {"classification": 0}},
		"a negative zero": {"resource": {"classification": -0.0}},
		"fields that nobody reads": {"resource": {"owner": "beta"}, "context": {"city": "Rome"}, "extra": null},
	}
	decision(changed(change)) == allowed
}

test_another_tenant_is_allowed_its_own if {
	asked := {
		"subject": {"authenticated": true},
		"tenant": {"id": "beta"},
		"resource": {"tenant": "beta", "kind": "logs", "classification": "restricted", "label": "internal"},
		"context": {"region": "US"},
	}
	decision(asked) == allowed
}

# One change, one code: each code can stand alone.
test_one_code[name] if {
	some name, case in {
		"not authenticated": ["UNAUTHENTICATED", {"subject": {"authenticated": false}}],
		"tenant of another": ["TENANT_MISMATCH", {"resource": {"tenant": "beta"}}],
		"tenant of a stranger": ["TENANT_MISMATCH", {"resource": {"tenant": "gamma"}}],
		"tenant of nobody": ["TENANT_MISMATCH", {"resource": {"tenant": ""}}],
		"strangers": ["UNKNOWN_TENANT", {"tenant": {"id": "gamma"}, "resource": {"tenant": "gamma"}}],
		"another case": ["UNKNOWN_TENANT", {"tenant": {"id": "Acme"}, "resource": {"tenant": "Acme"}}],
		"a space": ["UNKNOWN_TENANT", {"tenant": {"id": "acme "}, "resource": {"tenant": "acme "}}],
		"nobody": ["UNKNOWN_TENANT", {"tenant": {"id": ""}, "resource": {"tenant": ""}}],
		"another region": ["RESIDENCY", {"context": {"region": "US"}}],
		"a wider region": ["RESIDENCY", {"context": {"region": "EU"}}],
		"a region that begins alike": ["RESIDENCY", {"context": {"region": "EU/denmark"}}],
		"a region not declared": ["RESIDENCY", {"context": {"region": "EU/de/muc1"}}],
		"a region in another case": ["RESIDENCY", {"context": {"region": "eu/de"}}],
		"no region": ["RESIDENCY", {"context": {"region": ""}}],
		"above the ceiling": ["CLASSIFICATION", {"resource": {"classification": "restricted"}}],
		"above the ceiling by rank": ["CLASSIFICATION", {"resource": {"classification": 3}}],
		"above the ceiling of the kind": ["CLASSIFICATION", {"resource": {"kind": "agents"}}],
		"above it by rank": ["CLASSIFICATION", {"resource": {"kind": "agents", "classification": 2}}],
		"a kind of another tenant": ["CLASSIFICATION", {"resource": {"kind": "logs", "classification": "public"}}],
		"that kind by rank": ["CLASSIFICATION", {"resource": {"kind": "logs", "classification": 0}}],
		"no kind": ["CLASSIFICATION", {"resource": {"kind": ""}}],
		"a class not declared": ["CLASSIFICATION", {"resource": {"classification": "secret"}}],
		"a rank as a text": ["CLASSIFICATION", {"resource": {"classification": "1"}}],
		"no class": ["CLASSIFICATION", {"resource": {"classification": ""}}],
		"a rank below all": ["CLASSIFICATION", {"resource": {"classification": -1}}],
		"a rank between two": ["CLASSIFICATION", {"resource": {"classification": 0.5}}],
		"a rank above all": ["CLASSIFICATION", {"resource": {"classification": 4}}],
		"a label of another tenant": ["LABEL", {"resource": {"label": "internal"}}],
		"a label that nobody has": ["LABEL", {"resource": {"label": "secret"}}],
		"a region as a label": ["LABEL", {"resource": {"label": "EU/de"}}],
		"no label": ["LABEL", {"resource": {"label": ""}}],
	}
	[code, change] := case
	decision(changed(change)) == denied({code})
}

test_several_codes[name] if {
	some name, case in {
		# beta may see what is asked for, where it is asked for; acme, which asks, may not.
		"the asking tenant is judged": [
			{"TENANT_MISMATCH", "RESIDENCY", "CLASSIFICATION", "LABEL"},
			{"resource": {"tenant": "beta", "kind": "logs", "label": "internal"}, "context": {"region": "US"}},
		],
		"and so it is by rank": [
			{"TENANT_MISMATCH", "CLASSIFICATION"},
			{"resource": {"tenant": "beta", "kind": "logs", "classification": 2}},
		],
		# A stranger asks for what acme holds.
		"stage three needs a known tenant": [{"TENANT_MISMATCH", "UNKNOWN_TENANT"}, {"tenant": {"id": "gamma"}}],
		"stage two together": [
			{"UNAUTHENTICATED", "UNKNOWN_TENANT", "TENANT_MISMATCH"},
			{"subject": {"authenticated": false}, "tenant": {"id": "gamma"}, "context": {"region": "US"}},
		],
		"all that a known tenant can meet": [
			{"UNAUTHENTICATED", "TENANT_MISMATCH", "RESIDENCY", "CLASSIFICATION", "LABEL"},
			{
				"subject": {"authenticated": false},
				"resource": {"tenant": "beta", "kind": "logs", "label": "internal"},
				"context": {"region": "EU"},
			},
		],
	}
	[codes, change] := case
	decision(changed(change)) == denied(codes)
}

test_missing_is_malformed[field] if {
	some field, path in {
		"subject": "subject",
		"subject.authenticated": "subject/authenticated",
		"tenant": "tenant",
		"tenant.id": "tenant/id",
		"resource": "resource",
		"resource.tenant": "resource/tenant",
		"resource.kind": "resource/kind",
		"resource.classification": "resource/classification",
		"resource.label": "resource/label",
		"context": "context",
		"context.region": "context/region",
	}
	decision(json.remove(request, [path])) == denied({"MALFORMED"})
}

# Of each field the values of the wrong types; null is wrong everywhere.
not_boolean := [null, "true", "", 1, 0, [], {}, [true]]

not_text := [null, true, false, 1, [], {}, ["acme"], {"acme": true}]

not_class := [null, true, false, [], {}, [2], {"confidential": 2}]

not_object := [null, true, "acme", 1, [], ["id"]]

test_mistyped_is_malformed[name] if {
	some name, case in {
		"subject": [not_object, "", "subject"],
		"subject.authenticated": [not_boolean, "subject", "authenticated"],
		"tenant": [not_object, "", "tenant"],
		"tenant.id": [not_text, "tenant", "id"],
		"resource": [not_object, "", "resource"],
		"resource.tenant": [not_text, "resource", "tenant"],
		"resource.kind": [not_text, "resource", "kind"],
		"resource.classification": [not_class, "resource", "classification"],
		"resource.label": [not_text, "resource", "label"],
		"context": [not_object, "", "context"],
		"context.region": [not_text, "context", "region"],
	}
	[values, parent, field] := case
	every value in values {
		decision(changed(placed(parent, field, value))) == denied({"MALFORMED"})
	}
}

placed("", field, value) := {field: value}

placed(parent, field, value) := {parent: {field: value}} if parent != ""

# Two ids that are no texts are no match either.
test_ids_alike_and_malformed if {
	every value in not_text {
		decision(changed({"tenant": {"id": value}, "resource": {"tenant": value}})) == denied({"MALFORMED"})
	}
}

# MALFORMED hides every other code.
test_malformed_stands_alone if {
	wrong := {
		"subject": {"authenticated": false},
		"tenant": {"id": "gamma"},
		"resource": {"tenant": "beta", "kind": "none", "classification": "secret", "label": null},
		"context": {"region": "none"},
	}
	decision(wrong) == denied({"MALFORMED"})
	decision(object.union(wrong, {"tenant": {"id": "acme"}})) == denied({"MALFORMED"})
}

test_a_request_that_is_no_object_is_malformed if {
	every asked in [null, true, "acme", 1, [], [request], {}] {
		decision(asked) == denied({"MALFORMED"})
	}
}

# Damaged data take access away and never give it.
test_damaged_tenant[name] if {
	some name, tenant in {"null": null, "true": true, "text": "acme", "number": 1, "list": [tenants.acme]}
	decided := data.switchboard.decision with input as request
		with data.tenants as {"acme": tenant}
		with data.classifications as classifications
		with data.regions as regions
	decided == denied({"UNKNOWN_TENANT"})
}

test_damaged_rules[name] if {
	some name, case in {
		"no rules": ["confidential", {"RESIDENCY", "CLASSIFICATION", "LABEL"}, {}],
		"region is a list": ["confidential", {"RESIDENCY"}, object.union(tenants.acme, {"region": ["EU/de"]})],
		"region is null": ["confidential", {"RESIDENCY"}, object.union(tenants.acme, {"region": null})],
		"labels is a text": ["confidential", {"LABEL"}, object.union(tenants.acme, {"labels": "pii"})],
		"labels is null": ["confidential", {"LABEL"}, object.union(tenants.acme, {"labels": null})],
		"classes is a list": ["confidential", {"CLASSIFICATION"}, object.union(tenants.acme, {"data_classes": [2]})],
		"ceiling is a text": ["confidential", {"CLASSIFICATION"}, with_ceiling("confidential")],
		"ceiling is a number in quotes": ["confidential", {"CLASSIFICATION"}, with_ceiling("9")],
		"ceiling is a list": ["confidential", {"CLASSIFICATION"}, with_ceiling([9])],
		"ceiling is null": ["confidential", {"CLASSIFICATION"}, with_ceiling(null)],
		"a text above a rank": [2, {"CLASSIFICATION"}, with_ceiling("9")],
		"an object above a rank": [2, {"CLASSIFICATION"}, with_ceiling({})],
		"true below a rank": [2, {"CLASSIFICATION"}, with_ceiling(true)],
	}
	[class, codes, tenant] := case
	decided := data.switchboard.decision with input as changed({"resource": {"classification": class}})
		with data.tenants as {"acme": tenant}
		with data.classifications as classifications
		with data.regions as regions
	decided == denied(codes)
}

with_ceiling(value) := object.union(tenants.acme, {"data_classes": {"audit": value}})

test_damaged_ranks[name] if {
	some name, rank in {"null": null, "false": false, "true": true, "text": "2", "list": [2], "object": {}}
	decided := data.switchboard.decision with input as request
		with data.tenants as tenants
		with data.classifications as {"confidential": rank}
		with data.regions as regions
	decided == denied({"CLASSIFICATION"})
}

# A rank is no place in a list.
test_damaged_classifications if {
	decided := data.switchboard.decision with input as changed({"resource": {"classification": 0}})
		with data.tenants as tenants
		with data.classifications as [1]
		with data.regions as regions
	decided == denied({"CLASSIFICATION"})
}

test_damaged_regions[name] if {
	some name, places in {"null": null, "true": true, "text": "EU/de", "none": [], "key": {"EU/de": 1}}
	decided := data.switchboard.decision with input as request
		with data.tenants as tenants
		with data.classifications as classifications
		with data.regions as {"EU/de": places}
	decided == denied({"RESIDENCY"})
}

# A null among the labels does not make a request without a label well formed.
test_damaged_label_and_malformed_label if {
	decided := data.switchboard.decision with input as changed({"resource": {"label": null}})
		with data.tenants as {"acme": object.union(tenants.acme, {"labels": [null]})}
		with data.classifications as classifications
		with data.regions as regions
	decided == denied({"MALFORMED"})
}

# Without data nothing is known and nothing allowed.
test_no_data if {
	decided := data.switchboard.decision with input as request
		with data.tenants as {}
		with data.classifications as {}
		with data.regions as {}
	decided == denied({"UNKNOWN_TENANT"})
}
