import Testing

/// Who may import whom; SwiftPM guards only part of it.
@Suite struct ImportTests {
    /// Our own modules that a module may import: what stands below it in the house.
    private static let allowed: [String: Set<String>] = {
        let values: Set = ["Telemetry", "Settings", "Compression", "Wire"]
        let pipeline = values.union(["Transport"])
        let component = pipeline.union(["Pipeline", "Delivery", "Patterns"])
        let fleet: Set = ["FleetStore", "Rollouts", "FleetModel", "OpAMP", "Settings"]
        let components: Set = ["Receivers", "Processors", "Exporters", "Connectors", "Extensions"]
        return [
            "Wire": [], "Settings": [], "Telemetry": ["Wire"], "Compression": ["Wire"], "Patterns": ["Wire"],
            "OTTL": ["Telemetry", "Settings", "Patterns", "Wire"],
            "Transport": ["Compression", "Wire"], "Pipeline": pipeline,
            "Delivery": pipeline.union(["Pipeline"]),
            "Prometheus": ["Telemetry", "Patterns", "Wire"], "Formats": ["Telemetry", "Wire"],
            "Receivers": component.union(["Prometheus", "Formats"]),
            "Processors": component.union(["OTTL"]),
            "Exporters": component.union(["Prometheus", "Formats"]),
            "Connectors": component.union(["OTTL"]),
            "Extensions": component.union(["OpAMP"]), "Engine": component,
            "Control": component.union(["Engine"]),
            "HTTPAPI": pipeline.union(["Pipeline"]),
            "AdminAPI": component.union(["Engine", "Control", "HTTPAPI"]),
            "OpAMP": ["Wire"], "FleetModel": ["OpAMP", "Settings"],
            "Rollouts": ["FleetModel", "OpAMP", "Settings"],
            "FleetStore": ["FleetModel", "OpAMP", "Settings"],
            "Fleet": fleet.union(["Pipeline", "Transport", "Wire"]),
            "FleetEndpoint": fleet.union(["Fleet", "Pipeline", "Transport", "Compression", "Wire"]),
            "FleetAPI": fleet.union(["Fleet", "HTTPAPI", "Pipeline", "Transport", "Compression", "Wire"]),
            "CommandLine": component.union(fleet).union([
                "Engine", "Control", "AdminAPI", "HTTPAPI", "Fleet", "FleetEndpoint", "FleetAPI", "OTTL",
            ]),
            "PipelineTesting": pipeline.union(["Pipeline"]),
            "apus": components.union(["CommandLine", "Pipeline"]),
        ]
    }()

    /// Modules of others, with those of ours that may import them.
    private static let external: [String: Set<String>] = {
        let above: Set = [
            "Pipeline", "Delivery", "Receivers", "Processors", "Exporters", "Connectors", "Extensions",
            "Engine", "Control", "AdminAPI", "CommandLine", "PipelineTesting", "HTTPAPI", "Fleet",
            "FleetStore",
            "FleetEndpoint", "FleetAPI",
        ]
        let compression: Set = ["Compression"]
        let transport: Set = ["Transport"]
        return [
            "ArgumentParser": ["CommandLine"], "CCrypt": ["Extensions"], "CDeflate": compression,
            "CIsal": compression,
            "CMalloc": ["Engine"], "CNghttp2": transport, "CRegex": ["Patterns"], "CSnappy": compression,
            "CPostgreSQL": ["FleetStore"],
            "CSodium": ["Control", "AdminAPI", "HTTPAPI", "Extensions", "FleetModel", "Fleet"],
            "CXXHash": ["OTTL"],
            "Crypto": ["Fleet", "Extensions", "Processors", "OTTL", "Prometheus", "Formats"],
            "GRDB": ["FleetStore"],
            "SwiftASN1": ["Fleet", "Extensions"], "X509": ["Fleet", "Extensions"],
            "CZlib": compression, "CZstd": compression,
            "Dispatch": ["CommandLine"],
            "FoundationEssentials": ["Settings", "FleetStore", "Fleet"], "Logging": above.union(transport),
            "NIOCore": above.union(transport), "NIOHTTP1": transport,
            "NIOPosix": [
                "CommandLine", "Engine", "Exporters", "Extensions", "PipelineTesting", "Processors",
                "Receivers", "Transport",
            ],
            "NIOSSL": transport,
            "NIOTLS": transport, "Yams": ["Settings"],
        ]
    }()

    private static let everywhere: Set = ["Glibc", "Synchronization", "Swift"]

    @Test func `imports point downwards`() {
        var findings: [String] = []
        for file in Repository.swiftFiles where file.isSource {
            guard let own = Self.allowed[file.target] else {
                findings.append(file.finding(0, "'\(file.target)' has no place in the table of \(#fileID)"))
                continue
            }
            for (index, module) in file.imports where !Self.everywhere.contains(module) {
                if Self.allowed[module] != nil {
                    guard !own.contains(module) else { continue }
                    let below = own.sorted().joined(separator: ", ")
                    findings.append(
                        file.finding(
                            index, "\(file.target) must not import \(module); below it are: \(below)"))
                } else if Self.external[module]?.contains(file.target) != true {
                    let users = Self.external[module]?.sorted().joined(separator: ", ") ?? "nobody yet"
                    findings.append(
                        file.finding(index, "\(module) is for: \(users); hide it behind one of these"))
                }
            }
        }
        #expect(findings.isEmpty, "\(report(findings))")
    }

    @Test func `sources say how far an import reaches`() {
        let findings = Repository.swiftFiles.filter { $0.isSource && $0.target != "apus" }.flatMap { file in
            file.imports
                .filter { file.lines[$0.index].hasPrefix("@testable") }
                .map { file.finding($0.index, "only tests import with @testable") }
        }
        #expect(findings.isEmpty, "\(report(findings))")
    }

    @Test func `every target has its line in ARCHITECTURE_md`() {
        let map = Repository.text("ARCHITECTURE.md").split(separator: "\n").filter { $0.hasPrefix("|") }
        let targets = Set(Repository.textFiles.filter { $0.isSource }.map { $0.target })
        let missing = targets.filter { target in !map.contains { $0.contains("`\(target)`") } }
        #expect(!targets.isEmpty)
        #expect(missing.isEmpty, "give these a line in the map of ARCHITECTURE.md: \(missing.sorted())")
    }

    @Test func `every folder of tests is a target and named after what it tests`() {
        let manifest = Repository.text("Package.swift")
        let folders = Set(Repository.swiftFiles.filter { $0.path.hasPrefix("Tests/") }.map { $0.target })
        for folder in folders.subtracting(["Fuzz", "OTLPOracle", "Tidy"]) {
            #expect(folder.hasSuffix("Tests"), "name Tests/\(folder) after its target, as in WireTests")
            #expect(
                manifest.contains("\"\(folder)\""), "nothing runs Tests/\(folder): add it to Package.swift")
        }
    }
}

extension SourceFile {
    /// The modules that are imported, with the index of their lines.
    var imports: [(index: Int, module: String)] {
        lines.enumerated().compactMap { index, line in
            let words = line.split(separator: " ")
            guard let position = words.firstIndex(of: "import"), position + 1 < words.count, position <= 2
            else {
                return nil
            }
            let before: Set<Substring> = [
                "public", "internal", "package", "private", "fileprivate", "@testable",
            ]
            guard words[..<position].allSatisfy({ before.contains($0) }), !line.hasPrefix(" ") else {
                return nil
            }
            return (index, String(words[words.count - 1].split(separator: ".")[0]))
        }
    }
}
