import ArgumentParser
import Testing

@testable import CommandLine

/// What is said about command lines that are wrong, and what is taken from those that are right.
@Suite struct ArgumentTests {
    @Test(arguments: ["", "--config a.yaml", "run", "run --config a.yaml --set a::b=c"])
    func `a line that runs the collector is read without the other commands`(line: String) throws {
        let arguments = line.split(separator: " ").map(String.init)
        let command = try #require(Apus.runCommand(arguments))
        let whole = try #require(try Apus.parseAsRoot(arguments) as? RunCommand)
        #expect(String(describing: command) == String(describing: whole))
    }

    @Test(arguments: [
        "--help", "-h", "--version", "help", "run --help", "validate --config a.yaml", "--confg a.yaml",
        "run a.yaml", "run --admin none --admin 127.0.0.1:1",
    ])
    func `every other line is left to the whole parser`(line: String) {
        #expect(Apus.runCommand(line.split(separator: " ").map(String.init)) == nil)
    }

    @Test(arguments: [
        ("fleet rollouts start", "name a revision such as edge@2, or give a file with -f"),
        ("fleet rollouts start edge@2 --plan a --stage 1", "--plan and --stage do not go together"),
        ("fleet rollouts start edge@2 --watch --dry-run", "--watch and --dry-run do not go together"),
        ("fleet rollouts watch", "Missing expected argument '<id>'"),
        ("fleet agents label a1 env", "'env' is neither name=value nor name-"),
        ("fleet status --address h:0", "--address: 'h:0' needs a host and a port to connect to"),
        ("fleet status --client-cert a.pem", "--client-cert and --client-key go together"),
        ("fleet status --token a --token-file b", "--token and --token-file do not go together"),
        (
            "fleet status --address h:1 --ca-file a.pem",
            "--ca-file and --client-cert need an https:// address"
        ),
        ("fleet webhooks test", "Missing expected argument '<name>'"),
        ("fleet webhooks set ops", "Missing expected argument '<url>'"),
        ("status --admin unix:", "--admin:"),
        ("status -o xml", "xml"),
        ("tap logs --sample 2", "--sample is above 0, up to 1"),
        ("tap logs --for soon", "--for takes a duration such as 30s, not 'soon'"),
        ("dead-letter remove /tmp", "name the dead letters, or give --all"),
        ("run --admin none --admin 127.0.0.1:1", "--admin none goes with no other --admin"),
        ("fleet rolouts list", "rolouts"),
    ])
    func `what is wrong with a command line is said`(line: String, message: String) {
        do {
            _ = try Apus.parseAsRoot(line.split(separator: " ").map(String.init))
            Issue.record("'\(line)' is taken")
        } catch {
            #expect(Apus.exitCode(for: error).rawValue == 64)
            #expect(Apus.fullMessage(for: error).contains(message), "\(Apus.fullMessage(for: error))")
        }
    }

    @Test func `a rollout is taken with all that is said of it`() throws {
        let command = try Apus.parseAsRoot(
            [
                "fleet", "rollouts", "start", "edge@2", "--stage", "1:5m", "--stage", "100%", "--watch",
                "--lines",
            ])
        let start = try #require(command as? RolloutsCommand.Start)
        #expect(start.target == "edge@2" && start.stage == ["1:5m", "100%"])
        #expect(start.watch && start.watching.lines && !start.dryRun.dryRun)
    }

    @Test(arguments: [
        ("", "RunCommand"), ("--config a.yaml", "RunCommand"), ("fleet rollouts", "List"),
        ("fleet webhooks", "List"),
        ("fleet rollouts watch r1 --until-decision", "Watch"), ("fleet webhooks test ops", "Test"),
    ])
    func `a command line chooses its command`(line: String, name: String) throws {
        let command = try Apus.parseAsRoot(line.split(separator: " ").map(String.init))
        #expect("\(type(of: command))" == name)
    }

    @Test func `every command of a fleet has help that says what it does, in a sentence`() {
        var todo: [any ParsableCommand.Type] = [FleetCommand.self]
        var count = 0
        while let command = todo.popLast() {
            count += 1
            #expect(command.configuration.abstract.hasSuffix("."), "\(command)")
            todo += command.configuration.subcommands
        }
        #expect(count > 60)
    }
}
