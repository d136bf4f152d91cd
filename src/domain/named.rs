//! Enumerations with a stable written code, for the database, the API and the interfaces.
//!
//! Not for: what a person reads on a page; pages have their own words for these.
//!
//! Invariant: `from_code(x.code()) == Some(x)` for every value, and `ALL` lists each once.

macro_rules! named {
    ($(#[$doc:meta])* pub enum $name:ident {
        $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The stable code, as stored and sent.
            pub fn code(self) -> &'static str {
                match self {
                    $($name::$variant => $code,)*
                }
            }

            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.code() == code)
            }
        }
    };
}

pub(crate) use named;

#[cfg(test)]
mod tests {
    named! {
        pub enum Fruit {
            Apple = "apple",
            Pear = "pear",
        }
    }

    #[test]
    fn every_code_reads_back_and_no_other_does() {
        for fruit in Fruit::ALL {
            assert_eq!(Fruit::from_code(fruit.code()), Some(*fruit));
        }
        assert_eq!(Fruit::from_code("plum"), None);
    }
}
