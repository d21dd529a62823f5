//! Where a body loops over the keys of something.

use super::Placed;
use crate::policy::ast::{self, Expr, Visit};
use crate::policy::paths::Root;

/// A key that takes every value, what it is a key of, and both together: `i`, `xs` and `xs[i]`.
#[derive(Clone, Copy)]
pub struct Walk<'m> {
    pub key: &'m str,
    pub over: &'m Expr,
    pub whole: &'m Expr,
}

/// Those in an expression, but for the comprehensions in it, whose loops are their own.
pub fn walks<'m>(placed: &Placed, expr: &'m Expr) -> Vec<Walk<'m>> {
    let mut walks = Walks { placed, found: Vec::new() };
    ast::visit_expr(expr, &mut walks);
    walks.found
}

struct Walks<'a, 'p, 'm> {
    placed: &'a Placed<'p>,
    found: Vec<Walk<'m>>,
}

impl<'m> Visit<'m> for Walks<'_, '_, 'm> {
    fn expr(&mut self, expr: &'m Expr) -> bool {
        if let Expr::RefBrack { refr, index, .. } = expr {
            self.found.extend(free_key(self.placed, index).map(|key| Walk { key, over: refr, whole: expr }));
        }
        !matches!(expr, Expr::ArrayCompr { .. } | Expr::SetCompr { .. } | Expr::ObjectCompr { .. })
    }
}

/// The name of a key that takes every value, unless it has one from around.
fn free_key<'e>(placed: &Placed, index: &'e Expr) -> Option<&'e str> {
    let key = placed.scoped.names.path(&placed.locals, index);
    let free = matches!(&key.root, Root::Local(name) if key.steps.is_empty() && placed.locals.iterates(name));
    ast::variable(index).filter(|_| free)
}
