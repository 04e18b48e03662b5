public import Settings

extension DebugExporter {
    /// How much is printed.
    public enum Verbosity: String, CaseIterable, SettingChoice {
        case basic, normal, detailed
    }

    /// The keys of the `debug` exporter.
    public struct Configuration: SettingGroup {
        public var verbosity = Verbosity.basic
        public var samplingInitial = 2
        public var samplingThereafter = 1
        public var useInternalLogger = true

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "verbosity", \.verbosity,
                "How much is printed: counts, one line for each item, or everything."),
            Field(
                "sampling_initial", \.samplingInitial, "Batches of a signal printed each second in any case."
            ) {
                $0 < 0 ? "must not be negative" : nil
            },
            Field(
                "sampling_thereafter", \.samplingThereafter,
                "Of the batches after those, every how many is printed; 1 prints all of them, 0 none."
            ) { $0 < 0 ? "must not be negative" : nil },
            Field(
                "use_internal_logger", \.useInternalLogger,
                "Whether to print to the log of the collector, at level info; otherwise to standard output."),
            .unsupported("output_paths", "it prints to the log or to standard output; use the file exporter"),
            .unsupported("sending_queue", "it prints at once, there is nothing to queue"),
        ]
    }
}
