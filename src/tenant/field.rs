//! The seven fields of a request that a policy may read, and what each may be compared with.

/// A field of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    Authenticated,
    /// tenant.id: who asks.
    Tenant,
    /// resource.tenant: whose it is.
    Owner,
    Region,
    Kind,
    Label,
    Classification,
}

/// Fields of one sort draw their values from the same names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    Authenticated,
    Id,
    Region,
    Kind,
    Label,
    Classification,
}

impl Field {
    /// In the order of the dimensions of the domain.
    pub const ALL: [Field; 7] = [
        Field::Authenticated,
        Field::Tenant,
        Field::Owner,
        Field::Region,
        Field::Kind,
        Field::Label,
        Field::Classification,
    ];

    /// Object and member.
    pub const fn place(self) -> (&'static str, &'static str) {
        match self {
            Field::Authenticated => ("subject", "authenticated"),
            Field::Tenant => ("tenant", "id"),
            Field::Owner => ("resource", "tenant"),
            Field::Region => ("context", "region"),
            Field::Kind => ("resource", "kind"),
            Field::Label => ("resource", "label"),
            Field::Classification => ("resource", "classification"),
        }
    }

    pub fn path(self) -> String {
        let (object, member) = self.place();
        format!("input.{object}.{member}")
    }

    pub const fn sort(self) -> Sort {
        match self {
            Field::Authenticated => Sort::Authenticated,
            Field::Tenant | Field::Owner => Sort::Id,
            Field::Region => Sort::Region,
            Field::Kind => Sort::Kind,
            Field::Label => Sort::Label,
            Field::Classification => Sort::Classification,
        }
    }

    /// By its keys below `input`.
    pub fn of_keys(keys: &[&str]) -> Option<Field> {
        let [object, member] = keys else { return None };
        Field::ALL.into_iter().find(|field| field.place() == (object, member))
    }
}
