import Testing

/// Lets the other tasks of a test go on until `condition` holds.
///
/// What is waited for comes about in milliseconds; the minute is for machines on which others compute. After
/// it the test fails and says what did not come about.
func waitUntil(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async rethrows {
    let end = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        guard ContinuousClock.now < end else {
            Issue.record("waited a minute in vain until \(what)", sourceLocation: sourceLocation)
            return
        }
        await Task.yield()
    }
}

extension GatewayBench {
    /// Whether something comes about within a minute; `waitUntil` also says what it was.
    func eventually(_ condition: () -> Bool) async -> Bool {
        let end = ContinuousClock.now + .seconds(60)
        while !condition() {
            guard ContinuousClock.now < end else { return false }
            await Task.yield()
        }
        return true
    }
}
