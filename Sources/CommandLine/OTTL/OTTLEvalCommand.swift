internal import ArgumentParser
internal import Glibc
internal import OTTL
internal import Settings
internal import Telemetry
internal import Wire

/// `apus ottl eval`: what statements make of telemetry.
struct OTTLEvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Run statements on telemetry in OTLP/JSON and show what they did.",
        discussion: """
            Each statement sees what those before it made of the telemetry. Where one fails, the next ones \
            still run. Printed are what every statement did, and the telemetry before (-) and after (+).
            """)

    @OptionGroup var options: OTTLOptions

    @Option(help: "A file with OTLP/JSON; - is standard input.")
    var input: String

    @Option(
        help: "What the telemetry is: traces, metrics or logs; inferred without it.",
        transform: { try OTTLOptions.choice($0) })
    var signal: Signal?

    func run() throws {
        let text = try OTLPFile.read(input)
        let batch = try self.batch(text)
        let context = try self.context(batch.signal)
        let mistakes = options.mistakes(in: context)
        guard mistakes.allSatisfy({ $0 == nil }) else {
            for (text, mistake) in zip(options.statements, mistakes) {
                if let mistake { Report.write(OTTLText.shown(mistake, in: text) + "\n") }
            }
            throw ExitCode(ExitCodes.configuration)
        }
        let trial = try self.trial(batch, context)
        if options.json {
            print(try json(trial, batch, context))
        } else {
            show(trial, batch, context)
        }
    }

    private func trial(_ batch: Batch, _ context: OTTLContext) throws -> Trial {
        let surroundings = Surroundings(now: Self.now)
        if options.areConditions {
            let conditions = try options.statements.map {
                try Condition(parsing: $0, context: context, functions: options.functions(context))
            }
            return Trial(conditions, on: batch, surroundings)
        }
        let statements = try options.statements.map {
            try Statement(parsing: $0, context: context, functions: options.functions(context))
        }
        return Trial(statements, on: batch, surroundings)
    }

    private func show(_ trial: Trial, _ batch: Batch, _ context: OTTLContext) {
        print("context: \(context.rawValue)")
        for outcome in trial.outcomes {
            print(OTTLText.shown(outcome, areConditions: options.areConditions))
        }
        guard !options.areConditions else { return }
        let (before, after) = (OTLPJSON.write(batch).string, OTLPJSON.write(trial.batch).string)
        guard before != after else { return print("the telemetry is unchanged") }
        print("")
        for line in LineDifference.lines(JSONLines.lines(of: before), JSONLines.lines(of: after)) {
            print(line)
        }
    }

    private func json(_ trial: Trial, _ batch: Batch, _ context: OTTLContext) throws -> String {
        let outcomes = Tree(.list(trial.outcomes.map { OTTLText.tree(of: $0) })).json()
        let (before, after) = (OTLPJSON.write(batch).string, OTLPJSON.write(trial.batch).string)
        return
            #"{"context":"\#(context.rawValue)","statements":\#(outcomes),"#
            + #""before":\#(before),"after":\#(after)}"#
    }

    private func batch(_ text: Bytes) throws -> Batch {
        let signals = signal.map { [$0] } ?? OTLPFile.signals(in: text)
        guard let signal = signals.first, signals.count == 1, signal != .profiles else {
            Report.write(
                "error: '\(input)' does not tell what it holds; give --signal traces, metrics or logs\n")
            throw ExitCode(ExitCodes.failure)
        }
        do throws(InvalidTelemetry) {
            return try OTLPJSON.read(text, as: signal)
        } catch {
            Report.write("error: '\(input)' is not OTLP/JSON: \(error)\n")
            throw ExitCode(ExitCodes.failure)
        }
    }

    private func context(_ signal: Signal) throws -> OTTLContext {
        let allowed: [OTTLContext] =
            switch signal {
            case .traces: [.span, .spanevent, .scope, .resource]
            case .metrics: [.datapoint, .metric, .scope, .resource]
            default: [.log, .scope, .resource]
            }
        let inferred = (try? options.inferredContext()).flatMap { $0 } ?? allowed[0]
        guard allowed.contains(inferred) else {
            let names = allowed.map(\.rawValue).joined(separator: ", ")
            Report.write(
                "error: \(signal.rawValue) have no \(inferred.rawValue); their contexts are \(names)\n")
            throw ExitCode(ExitCodes.configuration)
        }
        return inferred
    }

    @Sendable private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
