/// What a relabeling rule does; the raw value is how configurations write it.
public enum RelabelAction: String, CaseIterable, Sendable {
    /// Sets the target label to the replacement where the source matches.
    case replace
    /// Drops what does not match.
    case keep
    /// Drops what matches.
    case drop
    /// Drops what has another value in the target label than in the source.
    case keepEqual = "keepequal"
    /// Drops what has the same value in the target label as in the source.
    case dropEqual = "dropequal"
    /// Sets the target label to the hash of the source, modulo a number.
    case hashMod = "hashmod"
    /// Copies labels whose names match to names that the replacement makes.
    case labelMap = "labelmap"
    /// Removes labels whose names match.
    case labelDrop = "labeldrop"
    /// Removes labels whose names do not match.
    case labelKeep = "labelkeep"
    /// Sets the target label to the source in lower case.
    case lowercase
    /// Sets the target label to the source in upper case.
    case uppercase
}
