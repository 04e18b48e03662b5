public import Settings

extension StatementSource {
    /// A mistake in the statement as a problem of the settings whose key `field` it is.
    public func problem(_ error: OTTLError, field: String) -> Problem {
        let diagnostic = diagnostic(error, path: [])
        return Problem(
            field, diagnostic.message, at: diagnostic.position, suggestion: diagnostic.suggestion)
    }
}
