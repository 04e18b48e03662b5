/// Reads what is known of one process; what cannot be read is noted.
struct ProcessReader {
    /// A process, before its metrics are read.
    struct Subject {
        let id: UInt64
        let statistics: ProcessStatistics
        let name: String
        var executable = ""
        var command: CommandLine?
        var owner = ""
        var cgroup = ""

        func text(_ attribute: ProcessAttribute) -> String {
            switch attribute {
            case .id: "\(id)"
            case .parentID: "\(statistics.parent)"
            case .executableName: name
            case .executablePath: executable
            case .command: command?.arguments.first ?? ""
            case .commandLine: command?.arguments.joined(separator: " ") ?? ""
            case .owner: owner
            case .cgroup: cgroup
            }
        }
    }

    let files: HostFiles
    let settings: ProcessScraperSettings
    let rules: ProcessAttributeRules
    let filter: NameFilter
    /// `nil` where the list of users cannot be read.
    let users: UserNames?

    /// What a process is; `nil` for one that has ended or is not wanted.
    func subject(_ id: UInt64, _ status: ProcessStatus?, _ failures: inout ScrapeFailures) -> Subject? {
        let directory = "/proc/\(id)"
        let statistics = reading(directory + "/stat", mutes: false, &failures) { ProcessStatistics($0) }
        guard let statistics else { return nil }
        guard let shortName = status?.name else {
            if status != nil, !settings.mutesName { failures.add("process \(id) has no name", points: 1) }
            return nil
        }
        let command = self.command(id, shortName, &failures)
        let name = command?.completed(shortName) ?? shortName
        guard filter.allows(name) else { return nil }
        var subject = Subject(id: id, statistics: statistics, name: name)
        subject.command = command
        if rules.needs(.executablePath) { subject.executable = executable(id, &failures) }
        if rules.needs(.cgroup) {
            subject.cgroup =
                reading(directory + "/cgroup", mutes: settings.mutesCgroup, &failures) { text in
                    text.lines.map { $0.text }.joined(separator: "\n")
                } ?? ""
        }
        if rules.needs(.owner), let user = status?.user {
            if let owner = users?[user] {
                subject.owner = owner
            } else if users != nil, !settings.mutesUser {
                failures.add("user \(user) of process \(id) has no name", kind: "user", points: 0)
            }
        }
        return rules.allow(subject.text) ? subject : nil
    }

    /// What a file of a process says; nothing is noted when the process has ended, or it is muted.
    ///
    /// With `cutAt`, only as many bytes of the file are read.
    func reading<Value>(
        _ path: String, mutes: Bool, cutAt limit: Int? = nil, points: Int = 1,
        _ failures: inout ScrapeFailures, _ body: (KernelText) -> Value?
    ) -> Value? {
        do throws(HostReadError) {
            let text: KernelText
            if let limit {
                text = try files.beginning(of: path, limit: limit)
            } else {
                text = try files.read(path)
            }
            guard let value = body(text) else {
                throw .content(path: files.place(path), "it is not what it should be")
            }
            return value
        } catch {
            if !error.isAbsence, !mutes { failures.add("\(error)", kind: error.kind, points: points) }
            return nil
        }
    }

    private func command(_ id: UInt64, _ name: String, _ failures: inout ScrapeFailures) -> CommandLine? {
        // A name of full length is cut, and the command line has the rest of it.
        guard rules.needs(.command) || rules.needs(.commandLine) || name.utf8.count >= 15 else { return nil }
        return reading("/proc/\(id)/cmdline", mutes: false, cutAt: CommandLine.limit, points: 0, &failures) {
            CommandLine($0)
        }
    }

    /// Where the executable is; a process of the kernel has none.
    private func executable(_ id: UInt64, _ failures: inout ScrapeFailures) -> String {
        do throws(HostReadError) {
            return try files.target(ofLink: "/proc/\(id)/exe")
        } catch {
            if !error.isAbsence, !settings.mutesExecutable {
                failures.add("\(error)", kind: error.kind, points: 0)
            }
            return ""
        }
    }
}
