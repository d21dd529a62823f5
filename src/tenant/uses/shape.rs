//! What a reference stands for: a field, a node of the data, or neither.

use crate::policy::ast::{self, Expr};
use crate::policy::paths::{Locals, Names, Path, Root, Step};
use crate::tenant::field::{Field, Sort};
use crate::tenant::further::Further;

#[derive(Debug, Clone, Copy)]
pub enum Shape<'m> {
    Field(Field),
    /// A field beside the seven, by its place among those that were declared.
    Further(usize),
    Data(Node),
    Literal(&'m Expr),
    Rule,
    /// A value in which no field of the input has a part.
    Free,
}

/// A node of the compiled data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node {
    /// `data.tenants`, by id.
    Tenants,
    Tenant,
    Home,
    Labels,
    /// By kind.
    Ceilings,
    Rank,
    /// `data.classifications`, by class.
    Classifications,
    /// `data.regions`, by region.
    Regions,
    /// All that a region lies in, and itself.
    Within,
}

/// The names that references in a rule go by.
pub struct Scope<'a, 'm> {
    pub names: &'a Names,
    pub locals: &'a Locals<'m>,
    pub further: &'a Further,
}

const TYPE_PREDICATES: [&str; 7] =
    ["is_array", "is_boolean", "is_null", "is_number", "is_object", "is_set", "is_string"];

impl<'m> Scope<'_, 'm> {
    /// The type predicate that a call is one of: the builtin, and no function of the policy that has its name.
    pub fn predicate<'e>(&self, fcn: &'e Expr) -> Option<&'e str> {
        let name = ast::variable(fcn).filter(|name| TYPE_PREDICATES.contains(name))?;
        let own = self.locals.is_local(name) || !matches!(self.names.path(self.locals, fcn).root, Root::Local(_));
        (!own).then_some(name)
    }

    /// What an expression is, where it is a reference or a literal; in words why it cannot be judged.
    pub fn shape(&self, expr: &'m Expr) -> Result<Shape<'m>, String> {
        let path = self.names.path(self.locals, expr);
        match &path.root {
            Root::Input => self.field(&path),
            Root::Data => self.node(&path).map(Shape::Data),
            Root::Rule(_) if path.steps.is_empty() => Ok(Shape::Rule),
            Root::Rule(name) => Err(format!("a part of the value of rule `{name}` is used")),
            Root::Local(_) => Ok(Shape::Free),
            Root::Value if ast::parts(expr).is_empty() => Ok(Shape::Literal(expr)),
            Root::Value => Ok(Shape::Free),
        }
    }

    fn field(&self, path: &Path) -> Result<Shape<'m>, String> {
        let Some(text) = path.known() else {
            return Err("a field of the input is chosen by a key that is not known before".to_owned());
        };
        let keys = path.keys();
        let own = Field::of_keys(&keys).map(Shape::Field);
        own.or_else(|| self.further.place(&keys).map(Shape::Further)).ok_or_else(|| {
            match Field::ALL.iter().map(|field| field.place()).find(|(object, _)| keys == [*object]) {
                Some((_, member)) => {
                    format!("`{text}` is used as a whole: name its field where it is used, such as `{text}.{member}`")
                }
                None => format!("`{text}` is no field of the domain: `--domain FILE` can add it"),
            }
        })
    }

    fn node(&self, path: &Path<'m>) -> Result<Node, String> {
        let mut steps = path.steps.iter();
        let mut node = match steps.next().and_then(Step::key) {
            Some("tenants") => Node::Tenants,
            Some("classifications") => Node::Classifications,
            Some("regions") => Node::Regions,
            _ => return Err("data outside `tenants`, `classifications` and `regions` is read".to_owned()),
        };
        for step in steps {
            node = self.below(node, step)?;
        }
        Ok(node)
    }

    fn below(&self, node: Node, step: &Step<'m>) -> Result<Node, String> {
        let sort = match (node, step) {
            (Node::Tenant, Step::Key(key)) => {
                return match key.as_str() {
                    "region" => Ok(Node::Home),
                    "labels" => Ok(Node::Labels),
                    "data_classes" => Ok(Node::Ceilings),
                    _ => Err(format!("a tenant has no `{key}`")),
                };
            }
            (Node::Tenants, _) => Sort::Id,
            (Node::Ceilings, _) => Sort::Kind,
            (Node::Classifications, _) => Sort::Classification,
            (Node::Regions, _) => Sort::Region,
            _ => return Err("a part of a value of the data is picked out by its place".to_owned()),
        };
        let Step::Dynamic(key) = step else {
            return Err("a node of the data is named by a literal key".to_owned());
        };
        match self.shape(key)? {
            Shape::Field(field) if field.sort() == sort => {}
            Shape::Data(Node::Home) if sort == Sort::Region => {}
            Shape::Field(field) => return Err(format!("`{}` is the key of a node of another sort", field.path())),
            _ => return Err("a key into the data is neither a field of its sort nor a tenant's region".to_owned()),
        }
        Ok(match node {
            Node::Tenants => Node::Tenant,
            Node::Regions => Node::Within,
            _ => Node::Rank,
        })
    }
}
