/// What receivers of spans that are translated into OTLP have in common.
enum TracesIntake {
    /// The most bytes that the spans of a message may become, for messages of so many bytes.
    static func outputLimit(_ messageLimit: Int) -> Int { 4 * messageLimit + (1 << 20) }
}
