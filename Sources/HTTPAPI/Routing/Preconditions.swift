internal import Transport

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
            guard let version, ifMatch.matches("\"\(version)\"") else { throw .outdated(version) }
            return
        }
        if let ifNoneMatch, route.method == "PUT" {
            if let version, ifNoneMatch.matches("\"\(version)\"") { throw .outdated(version) }
            return
        }
        throw APIProblem(
            428, "precondition-required", "The request does not say which version it changes",
            "send If-Match with the ETag that GET answered (or *), so that no other change is overwritten"
        )
    }
}

extension APIProblem {
    /// The resource is another one than was expected.
    ///
    /// - Parameter version: Its version without quotes; `nil` when it is not there.
    /// - Returns: 412 with the ETag that it has.
    public static func outdated(_ version: String?) -> APIProblem {
        let tag = version.map { "\"\($0)\"" }
        let present = tag.map { "its ETag is \($0)" } ?? "there is no such thing"
        return APIProblem(
            412, "precondition-failed", "The resource is not as it was expected",
            "\(present); read it again and repeat the change",
            fields: tag.map { ["etag": $0] } ?? [:])
    }
}
