/// What `/proc/cpuinfo` says about a logical processor.
struct ProcessorInformation: Sendable, Equatable {
    /// Such as `cpu0`.
    let name: String
    /// How fast it runs now; `nil` where the kernel does not say, as on ARM.
    let hertz: Double?
    let socket: String
    let core: String

    static func read(_ files: HostFiles) throws(HostReadError) -> [ProcessorInformation] {
        let found = all(in: try files.read("/proc/cpuinfo"))
        guard !found.isEmpty else {
            throw .content(path: files.place("/proc/cpuinfo"), "it names no processor")
        }
        return found
    }

    /// All processors that a text describes.
    static func all(in text: KernelText) -> [ProcessorInformation] {
        var result: [ProcessorInformation] = []
        var fields: [String: KernelText.Part] = [:]
        func end() {
            guard let number = fields["processor"]?.number else { return }
            let megahertz = fields["cpu MHz"]?.decimal
            result.append(
                ProcessorInformation(
                    name: "cpu\(number)", hertz: megahertz.map { $0 * 1_000_000 },
                    socket: fields["physical id"]?.text ?? "", core: fields["core id"]?.text ?? ""))
        }
        for line in text.lines {
            guard let colon = line.firstIndex(of: 0x3A) else { continue }
            let key = line[..<colon].trimmed.text
            if key == "processor" {
                end()
                fields = [:]
            }
            fields[key] = line[line.index(after: colon)...].trimmed
        }
        end()
        return result
    }

    /// How many cores there are: groups of logical processors that share one.
    static func physicalCount(_ files: HostFiles) throws(HostReadError) -> Int {
        var groups: Set<[UInt8]> = []
        for name in (try? files.names(in: ProcessorPlace.directory)) ?? [] where ProcessorPlace.isName(name) {
            for file in ["core_cpus_list", "thread_siblings_list"] {
                let path = "\(ProcessorPlace.directory)/\(name)/topology/\(file)"
                guard let text = try? files.read(path, limit: 4096) else { continue }
                groups.insert(text.bytes)
                break
            }
        }
        if !groups.isEmpty { return groups.count }
        let cores = Set(try read(files).map { [$0.socket, $0.core.isEmpty ? $0.name : $0.core] })
        return cores.count
    }
}

/// Where a logical processor is, as `/sys/devices/system/cpu` says it; empty where that is not known.
struct ProcessorPlace: Sendable, Equatable {
    var socket = ""
    var core = ""

    static let directory = "/sys/devices/system/cpu"

    /// Whether the name is that of a processor, such as `cpu0`.
    static func isName(_ name: String) -> Bool {
        name.hasPrefix("cpu") && name.utf8.count > 3
            && name.utf8.dropFirst(3).allSatisfy { (48...57).contains($0) }
    }

    static func all(_ files: HostFiles) -> [String: ProcessorPlace] {
        var result: [String: ProcessorPlace] = [:]
        for name in (try? files.names(in: directory)) ?? [] where isName(name) {
            func id(_ file: String) -> String {
                let text = try? files.read("\(directory)/\(name)/topology/\(file)", limit: 64)
                return text?.lines.first?.trimmed.text ?? ""
            }
            result[name] = ProcessorPlace(socket: id("physical_package_id"), core: id("core_id"))
        }
        return result
    }
}
