//! Where a body first looks at the input and at the data. The virtual machine loads each once for a body, where it stands first. If
//! that is inside of a loop which finds nothing, such as `every` over an empty set, it is never loaded, and what stands
//! behind the loop has no value.

use super::loops::walks;
use super::{Placed, Policy};
use crate::policy::ast::{self, Expr, Literal, LiteralStmt, Query, Rule, RuleHead, Visit};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::Root;

pub fn check(policy: &Policy) -> Vec<Fault> {
    policy.deciding().flat_map(|placed| faults(&placed)).collect()
}

fn faults(placed: &Placed) -> Vec<Fault> {
    let Rule::Spec { head, bodies, .. } = placed.rule else { return Vec::new() };
    let own = match head {
        RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => assign.as_ref().map(|a| a.value.as_ref()),
        RuleHead::Set { key, .. } => key.as_deref(),
    };
    let mut faults = Vec::new();
    for (root, what) in [(Root::Input, "the input"), (Root::Data, "the data")] {
        let mut loads = Loads { placed, root: &root, found: Vec::new() };
        for body in bodies {
            let value = body.assign.as_ref().map(|assign| assign.value.as_ref()).or(own.filter(|_| !body.is_else));
            loads.body(&body.query, value, false);
        }
        let fault = |expr: &Expr| {
            let message = format!("{what} is first looked at inside of a loop, and behind it again");
            let hint = "give it a name before the loop: `x := input.y`, or put the loop behind the other conditions";
            placed.scoped.parsed.fault_about(Code::EngineUnsafe, expr.span(), message).hint(hint)
        };
        faults.extend(loads.found.into_iter().map(fault));
    }
    faults
}

struct Loads<'a, 'p, 'm> {
    placed: &'a Placed<'p>,
    root: &'a Root,
    found: Vec<&'m Expr>,
}

impl<'m> Loads<'_, '_, 'm> {
    /// `value` is taken where the body holds. `loaded` tells whether that was done around it.
    fn body(&mut self, query: &'m Query, value: Option<&'m Expr>, mut loaded: bool) {
        let look = || Looks { placed: self.placed, root: self.root, first: None, inner: Some(Vec::new()) };
        let mut steps = Vec::new();
        for (at, statement) in query.stmts.iter().enumerate() {
            let mut step = look();
            ast::visit_statement(statement, &mut step);
            // `every` comes to what it walks before it comes to its body.
            let domain = matches!(statement.literal, Literal::Every { .. });
            let waits = waits(statement, &query.stmts[at + 1..]);
            steps.push((domain, waits, step.first, step.inner.unwrap_or_default()));
        }
        if let Some(value) = value {
            let mut step = look();
            ast::visit_expr(value, &mut step);
            steps.push((false, false, step.first, step.inner.unwrap_or_default()));
        }
        // Loops in the order in which they stand, and how much else looks there: the statement around one counts as behind it.
        let mut left: usize = steps.iter().map(|(.., first, inner)| usize::from(first.is_some()) + inner.len()).sum();
        for (domain, waits, own, inner) in steps {
            loaded |= domain && !waits && own.is_some();
            for Inner { query, value, enters, first } in inner {
                left -= 1;
                if !loaded && !enters && left > 0 {
                    self.found.push(first);
                }
                self.body(query, value, loaded || enters);
            }
            // What waits for a later statement may come behind every loop.
            loaded |= !waits && own.is_some();
            left -= usize::from(!waits && own.is_some());
        }
    }
}

/// Whether a statement has a name that gets its value in a later one, behind which the engine then moves it.
fn waits(statement: &LiteralStmt, later: &[LiteralStmt]) -> bool {
    let mut names = Names(Vec::new());
    ast::visit_statement(statement, &mut names);
    let given = later.iter().flat_map(|statement| match &statement.literal {
        Literal::SomeIn { key, value, .. } => key.iter().chain([value]).flat_map(|name| ast::bound(name)).collect(),
        Literal::Expr { expr, .. } => match expr.as_ref() {
            Expr::AssignExpr { lhs, rhs, .. } => [lhs, rhs].into_iter().flat_map(|side| ast::bound(side)).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    });
    given.filter_map(ast::variable).any(|name| names.0.contains(&name))
}

struct Names<'m>(Vec<&'m str>);

impl<'m> Visit<'m> for Names<'m> {
    fn expr(&mut self, expr: &'m Expr) -> bool {
        self.0.extend(ast::variable(expr).filter(|name| !matches!(*name, "input" | "data")));
        true
    }
}

/// A loop inside of a statement that looks there.
struct Inner<'m> {
    query: &'m Query,
    value: Option<&'m Expr>,
    /// Whether what it walks is there, which is loaded however much there is to walk.
    enters: bool,
    first: &'m Expr,
}

/// Where something first looks at what the root stands for.
struct Looks<'a, 'p, 'm> {
    placed: &'a Placed<'p>,
    root: &'a Root,
    first: Option<&'m Expr>,
    /// The loops, if they are told apart; they are no part of `first` then.
    inner: Option<Vec<Inner<'m>>>,
}

impl<'m> Looks<'_, '_, 'm> {
    fn enter(&mut self, query: &'m Query, value: Option<&'m Expr>, enters: bool) -> bool {
        let Some(inner) = &mut self.inner else { return true };
        let mut all = Looks { placed: self.placed, root: self.root, first: None, inner: None };
        ast::visit_query(query, &mut all);
        value.into_iter().for_each(|value| ast::visit_expr(value, &mut all));
        inner.extend(all.first.map(|first| Inner { query, value, enters, first }));
        false
    }

    fn is_there(&self, expr: &Expr) -> bool {
        self.placed.scoped.names.path(&self.placed.locals, expr).root == *self.root
    }

    /// Whether the first loop of a comprehension walks what lies there.
    fn walks(&self, query: &Query) -> bool {
        let first = query.stmts.iter().map(|s| &s.literal).find(|l| !matches!(l, Literal::SomeVars { .. }));
        match first {
            Some(Literal::SomeIn { collection, .. }) => self.is_there(collection),
            Some(Literal::Expr { expr, .. }) => {
                walks(self.placed, expr).first().is_some_and(|walk| self.is_there(walk.over))
            }
            _ => false,
        }
    }
}

impl<'m> Visit<'m> for Looks<'_, '_, 'm> {
    fn statement(&mut self, statement: &'m LiteralStmt) -> bool {
        let Literal::Every { domain, query, .. } = &statement.literal else { return true };
        let whole = self.enter(query, None, false);
        if !whole {
            ast::visit_expr(domain, self);
        }
        whole
    }

    fn expr(&mut self, expr: &'m Expr) -> bool {
        if let Expr::ArrayCompr { query, term, .. } | Expr::SetCompr { query, term, .. } = expr {
            let enters = self.walks(query);
            return self.enter(query, Some(term), enters);
        }
        let is_name = matches!(expr, Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. });
        if is_name && self.is_there(expr) {
            self.first.get_or_insert(expr);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOTHING, with};

    /// In OPA 1.22.2 the first is true where `s` is empty; the virtual machine has no input behind the loop.
    #[test]
    fn what_stands_behind_a_loop_was_loaded_before_it() {
        let at = |place: &str| vec![format!("engine_unsafe {place}")];
        let s = |rule: &str| with(&format!("s contains 1 if input.nope\n{rule}"));
        assert_eq!(s("a if { every v in s { v == input.x }; input.y }"), at("5:28 input.x"));
        assert_eq!(s("a if { count({v | some v in s; v == input.x}) == 0; input.y }"), at("5:37 input.x"));
        assert_eq!(s("a if count({v | some v in s; v == input.x}) == input.y"), at("5:35 input.x"));
        assert_eq!(s("a := input.y if every v in s { v == input.x }"), at("5:37 input.x"));
        assert_eq!(s("b contains input.y if every v in s { v == input.x }"), at("5:43 input.x"));
        assert_eq!(s("a if { every v in s { v == data.x }; data.y }"), at("5:28 data.x"));
        assert_eq!(s("a if { every v in s { v == input.x }; every w in s { w == input.y } }"), at("5:28 input.x"));
        assert_eq!(s("a if { every v in s { every w in s { w == input.x }; v == input.y } }"), at("5:43 input.x"));
        assert_eq!(s("a if { count({v | v := s[_]; v == input.x}) == 0; input.y }"), at("5:35 input.x"));
        let moved = s("a if { some z; input.n == count(z); z = {v | some v in s; v == input.x} }");
        assert_eq!(moved, at("5:64 input.x"));
        for rule in [
            "a if { input.y; every v in s { v == input.x } }",
            "a if { every v in input.x { v == input.y }; input.z }",
            "a if { every v in s { v == input.x }; data.y; s[1] }",
            "a if { x := input.x; every v in s { v == x }; input.y }",
            "a if { count({v | some v in input.x; v == input.y}) == input.z }",
            "a if { count({v | v := input.x[_]; v == input.y}) == input.z }",
            "a if { some v in s; v == input.x; input.y }",
            "a if { every v in s { v == input.x; v == input.y } }",
        ] {
            assert_eq!(s(rule), NOTHING, "{rule}");
        }
    }
}
