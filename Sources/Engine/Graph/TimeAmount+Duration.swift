internal import NIOCore

extension TimeAmount {
    /// The same time in NIO's unit, which ends after 292 years.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(
            seconds.multipliedReportingOverflow(by: 1_000_000_000).overflow
                ? .max : seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
