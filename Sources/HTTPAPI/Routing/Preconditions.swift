/// Changes say what they expect, so that nobody overwrites what they have not seen.
extension APICall {
    /// Checks `If-Match` and `If-None-Match` against the version of the resource.
    ///
    /// - Parameter version: The version without quotes; `nil` when the resource is not there.
    /// - Throws: 412 when it is another one than expected, 428 when nothing is expected.
    public func checkPreconditions(version: String?) throws(APIProblem) {
        // What is wrong with the query is said first.
        _ = try isDryRun
        if let ifMatch {
            guard let version, ifMatch.matches("\"\(version)\"") else { throw mismatch(version) }
            return
        }
        if let ifNoneMatch, route.method == "PUT" {
            if let version, ifNoneMatch.matches("\"\(version)\"") { throw mismatch(version) }
            return
        }
        throw APIProblem(
            428, "precondition-required", "The request does not say which version it changes",
            "send If-Match with the ETag that GET answered (or *), so that no other change is overwritten"
        )
    }

    private func mismatch(_ version: String?) -> APIProblem {
        let present = version.map { "its ETag is \"\($0)\"" } ?? "there is no such thing"
        return APIProblem(
            412, "precondition-failed", "The resource is not as it was expected",
            "\(present); read it again and repeat the change")
    }
}
