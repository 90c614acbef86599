//! What a whole program is optimised for.

use super::target_spec::Abi;

/// How the back end makes what is shortened. It would carry the addresses of functions out of
/// loops, where the core has no registers for them.
const FOR_SHORTENING: [&str; 2] = ["-filetype=asm", "-disable-machine-licm"];

/// What a whole program is optimised for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// What each crate and each function asks for.
    AsWritten,
    /// Few bytes, whatever a function asks for: every one is marked so, and none is inlined because
    /// it asks to be.
    Size,
}

impl Aim {
    /// The options of `opt` but for what is kept.
    pub fn options(self, abi: Abi) -> Vec<String> {
        let passes = abi.passes();
        match self {
            Aim::AsWritten => vec![format!("-passes=internalize,globaldce,{passes}")],
            Aim::Size => {
                // What is merged and no longer inlined is worth a second look.
                vec![
                    format!("-passes=forceattrs,internalize,globaldce,{passes},{passes}"),
                    String::from("-force-attribute=minsize"),
                    String::from("-force-attribute=optsize"),
                    String::from("-force-remove-attribute=alwaysinline"),
                ]
            }
        }
    }

    /// How rustc compiles for it: to be made small, a crate comes as it is written, nothing inlined.
    pub const fn compiler_options(self) -> &'static [&'static str] {
        match self {
            Aim::AsWritten => &[],
            Aim::Size => &["-Cno-prepopulate-passes", "-Zinline-mir=no"],
        }
    }

    /// How the back end makes what is shortened.
    pub const fn for_shortening(self) -> &'static [&'static str] {
        match self {
            Aim::AsWritten => &FOR_SHORTENING,
            // A register for each address that a loop counts through costs more than it saves.
            Aim::Size => &[FOR_SHORTENING[0], FOR_SHORTENING[1], "-disable-lsr"],
        }
    }

    /// What the file's name ends with.
    pub const fn suffix(self) -> &'static str {
        match self {
            Aim::AsWritten => "",
            Aim::Size => "-small",
        }
    }
}

/// Takes the wish to be inlined from calls: rustc writes it there too, where `opt` has no option that
/// removes it.
pub fn leave_inlining_to_size(text: &str) -> String {
    text.replace(" alwaysinline ", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_lose_their_wish_to_be_inlined() {
        let group = "attributes #5 = { alwaysinline minsize nounwind }\n";
        let left = "attributes #5 = { minsize nounwind }\n";
        assert_eq!(leave_inlining_to_size(group), left);
    }
}
