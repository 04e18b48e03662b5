internal import ArgumentParser
internal import Engine
internal import Glibc
internal import Logging

/// Makes the log that `service::telemetry::logs` asks for.
enum LogSetup {
    /// Opens the outputs; throws when a file cannot be opened.
    static func output(for settings: LogSettings) throws -> LogOutput {
        var descriptors: [Int32] = []
        for path in settings.outputPaths { descriptors.append(try open(path)) }
        let sampling = settings.sampling
        let sampler = LogSampler(
            tick: sampling.tick, initial: sampling.initial, thereafter: sampling.thereafter)
        return LogOutput(
            encoding: settings.encoding == .json ? .json : .console, level: level(settings.level),
            components: settings.componentLevels.mapValues { level($0) }, descriptors: descriptors,
            fields: settings.initialFields.sorted { $0.key < $1.key },
            sampler: sampling.enabled ? sampler : nil)
    }

    /// Takes over what can change while the process runs: the levels.
    static func apply(_ settings: LogSettings, to log: LogOutput) {
        log.setLevels(level(settings.level), components: settings.componentLevels.mapValues { level($0) })
    }

    private static func open(_ path: String) throws -> Int32 {
        switch path {
        case "stderr": return STDERR_FILENO
        case "stdout": return STDOUT_FILENO
        default:
            let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                let reason = String(cString: strerror(errno))
                Report.write("error: cannot open the log file \(path): \(reason)\n")
                throw ExitCode(ExitCodes.failure)
            }
            return descriptor
        }
    }

    private static func level(_ level: LogSettings.Level) -> Logger.Level {
        switch level {
        case .debug: .debug
        case .info: .info
        case .warn: .warning
        case .error: .error
        }
    }
}
