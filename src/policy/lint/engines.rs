//! Forms on which OPA, the interpreter and the virtual machine of regorus were seen to disagree.

use std::collections::BTreeMap;

use super::rules::Kind;
use super::{Placed, Policy};
use crate::policy::ast::{self, Expr, Literal, LiteralStmt, Rule, RuleHead, Visit};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::{Path, Root, Step, each_reference, rule_name, within};

pub fn check(policy: &Policy) -> Vec<Fault> {
    let mut faults = conflicting(policy);
    for placed in policy.deciding() {
        let mut forms = Forms { placed: &placed, faults: &mut faults };
        forms.head();
        ast::visit_rule(placed.rule, &mut forms);
        each_reference(placed.rule, &placed.scoped.names, &placed.locals, |expr, path| {
            faults.extend(literal_key(&placed, expr, path));
        });
    }
    faults
}

fn fault(placed: &Placed, span: &ast::Span, message: &str, hint: &str) -> Fault {
    placed.scoped.parsed.fault(Code::EngineUnsafe, span, message).hint(hint)
}

/// Rules with more than one body whose value is not `true`: two that hold at once are an error to one engine and not to another.
fn conflicting(policy: &Policy) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut bodies: BTreeMap<(Vec<String>, String), (usize, bool)> = BTreeMap::new();
    for placed in policy.deciding() {
        let (Some(Kind::Complete | Kind::Function(_)), Rule::Spec { head, bodies: own, .. }) =
            (Kind::of(placed.rule), placed.rule)
        else {
            continue;
        };
        let name = rule_name(placed.rule).unwrap_or_default();
        let key = (placed.scoped.names.package().to_vec(), name.clone());
        let (count, valued) = bodies.entry(key).or_default();
        *count += own.iter().filter(|body| !body.is_else).count().max(1);
        *valued |= !is_true(head);
        if *count > 1 && *valued {
            let message = format!("`{name}` has more than one body and a value other than `true`");
            let hint = "join the bodies with `else`, or give each condition a rule of its own";
            faults.push(fault(&placed, placed.rule.span(), &message, hint).about(name));
        }
    }
    faults
}

fn is_true(head: &RuleHead) -> bool {
    let assign = match head {
        RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => assign,
        RuleHead::Set { .. } => return true,
    };
    assign
        .as_ref()
        .is_none_or(|assign| matches!(assign.value.as_ref(), Expr::Bool { value, .. } if *value == true.into()))
}

/// `data.x[1]` finds the key "1" in OPA and the interpreter, but not in the virtual machine.
fn literal_key(placed: &Placed, expr: &Expr, path: &Path) -> Option<Fault> {
    let is_literal = |key: &Expr| matches!(key, Expr::Number { .. } | Expr::Bool { .. } | Expr::Null { .. });
    let bad = |step: &Step| matches!(step, Step::Dynamic(key) if is_literal(key) && within(key, expr));
    let bad = path.steps.iter().any(bad);
    (bad && path.root == Root::Data).then(|| {
        fault(placed, expr.span(), "a key into data is a literal that is no text", "write the key in quotes")
            .about(expr.span().text())
    })
}

struct Forms<'a, 'p> {
    placed: &'a Placed<'p>,
    faults: &'a mut Vec<Fault>,
}

impl Forms<'_, '_> {
    fn add(&mut self, span: &ast::Span, message: &str, hint: &str) {
        let rule = rule_name(self.placed.rule).unwrap_or_default();
        self.faults.push(fault(self.placed, span, message, hint).about(rule));
    }

    fn head(&mut self) {
        if let Rule::Default { args, span, .. } = self.placed.rule
            && !args.is_empty()
        {
            self.add(
                span,
                "a function has a default value",
                "give it a last body with `else`: `f(x) := 1 if x > 0 else := 0`",
            );
        }
        if Kind::of(self.placed.rule) == Some(Kind::Object) {
            let span = self.placed.rule.span().clone();
            let name = rule_name(self.placed.rule).unwrap_or_default();
            let hint = format!("a set is written `{name} contains value if {{ ... }}`");
            self.add(&span, "a head with a bracket or a dot makes an object, by key", &hint);
        }
    }
}

/// The keys in a body that are names which `every` gives a value, or are made of such.
struct Keys<'e, 'm> {
    given: &'e [&'e str],
    found: Vec<&'m Expr>,
}

impl<'m> Visit<'m> for Keys<'_, 'm> {
    fn expr(&mut self, expr: &'m Expr) -> bool {
        if let Expr::RefBrack { index, .. } = expr
            && ast::bound(index).into_iter().filter_map(ast::variable).any(|name| self.given.contains(&name))
        {
            self.found.push(expr);
        }
        true
    }
}

impl<'m> Visit<'m> for Forms<'_, '_> {
    fn statement(&mut self, statement: &'m LiteralStmt) -> bool {
        if let Literal::Every { key, value, query, .. } = &statement.literal {
            let given: Vec<&str> = key.iter().chain([value]).map(|span| span.text()).collect();
            let mut keys = Keys { given: &given, found: Vec::new() };
            ast::visit_query(query, &mut keys);
            for expr in keys.found {
                let message = "a key is a name that `every` gives a value; the engines here take every key for it";
                let hint = "ask with `in` whether a set has it, or give it another name first: `y := x`, `xs[y]`";
                self.faults
                    .push(self.placed.scoped.parsed.fault_about(Code::EngineUnsafe, expr.span(), message).hint(hint));
            }
        }
        if let Some(with) = statement.with_mods.first() {
            self.add(&with.span, "`with` stands outside of tests", "take what is replaced as an argument");
        }
        match &statement.literal {
            // As a condition of its own `in` is safe (negated it is a fault already); what it compares is still looked at.
            Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. }
                if matches!(expr.as_ref(), Expr::Membership { .. }) =>
            {
                ast::parts(expr).into_iter().for_each(|part| ast::visit_expr(part, self));
                false
            }
            _ => true,
        }
    }

    fn expr(&mut self, expr: &'m Expr) -> bool {
        match expr {
            Expr::ObjectCompr { span, .. } => {
                self.add(span, "an object comprehension", "use a set or an array, or put the object into data");
            }
            Expr::Membership { span, .. } => {
                self.add(span, "`in` is used as a value", "make it a condition of its own: `label_ok if x in xs`");
            }
            _ => {}
        }
        true
    }
}
