/// What has just become of the configuration.
enum ConfigurationStep: Sendable, Equatable {
    /// A revision runs; `hasOverlay` when the sources were read and what is kept beside them put over them.
    case began(RevisionID, hasOverlay: Bool)
    /// It is the one to go back to.
    case confirmed(RevisionID)
    /// It does not run any more, and not because something better has come.
    case takenBack(RevisionID, because: String)
}
