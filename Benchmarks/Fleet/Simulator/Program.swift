import Glibc

/// Plays many OpAMP agents on one thread, in a process of its own, beside the fleet manager that is measured.
///
/// Frames, masks, protobuf and ids are real; what an agent would do with a configuration is not. It is told
/// what to do in lines on its input and answers each with a line of JSON. `lists [AGENTS [LOOKS]]` measures
/// lists of a manager in this process instead.
@main
enum Program {
    static func main() async throws {
        if CommandLine.arguments.dropFirst().first == "lists" {
            let numbers = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
            let (agents, looks) = (numbers.first ?? 100_000, numbers.dropFirst().first ?? 300)
            return try await Lists.run(agents: max(agents, 1), looks: max(looks, 1))
        }
        switch Options.parse(CommandLine.arguments.dropFirst()) {
        case .success(let options):
            Simulator(options).run()
        case .failure(let problem):
            writeText("fleet-simulator: \(problem.text)\n\n\(Options.usage)", to: 2)
            exit(64)
        }
    }
}

/// Writes all of a text to a file descriptor, or what the other side takes of it.
func writeText(_ text: String, to file: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR || errno == EAGAIN { continue }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}
