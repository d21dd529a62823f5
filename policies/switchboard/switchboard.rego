# Who may touch a resource of which tenant, of which class and label, in which region.
#
# Entry point: data.switchboard.decision = {"allow": bool, "deny": [{"code": text}]}.
# Data: what `govctl tenant compile` makes of tenants.yaml. A tenant's region lies in its sub-regions' lists, so no
# rule here cuts or compares parts of a text, and `EU/denmark` cannot pass for `EU/de`.
#
# `allow` and `deny` are two forms of the same question. `allow` needs every condition to hold; `deny` says which one
# does not. `govctl tenant prove` shows that allow holds exactly when deny is empty.
#
# For authors of a change:
# - State what is allowed in a rule with a name and without arguments, and negate only such rules. A missing value
#   leaves a rule undefined, and `not` of that is true in OPA and regorus alike; `not` of an expression with a missing
#   value in it is where engines differ.
# - Say each thing once. A guard that repeats another hides a later mistake from the tests.
# - A number, null or true compares below every text, so `<=` between two sorts is true where nobody means it.
package switchboard

import rego.v1

default allow := false

decision := {"allow": allow, "deny": deny}

allow if {
	well_formed
	tenant_match
	region_match
	authenticated
	label_ok
	class_ok
}

# Stage 1: the request says too little to be judged by anything else.
deny contains {"code": "MALFORMED"} if not well_formed

# Stage 2: a well-formed request. The condition stands first, since it mostly ends the rule.
deny contains {"code": "UNAUTHENTICATED"} if {
	not authenticated
	well_formed
}

deny contains {"code": "UNKNOWN_TENANT"} if {
	not known_tenant
	well_formed
}

deny contains {"code": "TENANT_MISMATCH"} if {
	not tenant_match
	well_formed
}

# Stage 3: a known tenant. What tenant.id may do is asked, never what resource.tenant may.
deny contains {"code": "RESIDENCY"} if {
	not region_match
	known_tenant
}

deny contains {"code": "CLASSIFICATION"} if {
	not class_ok
	known_tenant
}

deny contains {"code": "LABEL"} if {
	not label_ok
	known_tenant
}

# Every field that the rules below read, of the type they need. Empty texts are well formed: they match nothing.
well_formed if {
	is_boolean(input.subject.authenticated)
	is_string(input.tenant.id)
	is_string(input.resource.tenant)
	is_string(input.resource.kind)
	is_string(input.resource.label)
	is_string(input.context.region)
	class_typed
}

# A class by its name, or by its rank.
class_typed if is_string(input.resource.classification)

class_typed if is_number(input.resource.classification)

# Without `== true` every value but false would do: "false", 0 and null too.
authenticated if input.subject.authenticated == true

tenant_match if input.tenant.id == input.resource.tenant

known_tenant if {
	well_formed
	is_object(data.tenants[input.tenant.id])
}

# The place lies in the tenant's home or is it. Of a place, data.regions lists all that it lies in and itself: a place
# that is wider than the home is denied, and so is one that is not declared.
region_match if data.tenants[input.tenant.id].region in data.regions[input.context.region]

label_ok if input.resource.label in data.tenants[input.tenant.id].labels

# The class lies at or below the highest that the tenant allows for the kind. By name:
class_ok if {
	ceiling := data.tenants[input.tenant.id].data_classes[input.resource.kind]
	is_number(ceiling)
	is_string(input.resource.classification)
	rank := data.classifications[input.resource.classification]
	is_number(rank)
	rank <= ceiling
}

# By rank, which must be that of a declared class: 0.5 and -1 lie below a ceiling as well.
class_ok if {
	ceiling := data.tenants[input.tenant.id].data_classes[input.resource.kind]
	is_number(ceiling)
	input.resource.classification in data.classifications
	input.resource.classification <= ceiling
}
