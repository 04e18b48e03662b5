import Foundation
import PipelineTesting
import Testing

@testable import Control

@Suite struct AuditLogTests {
    private let scratch: Scratch
    private let origin = ChangeOrigin(.api, actor: "alice", address: "[::1]:5", request: "r1")

    init() throws { scratch = try Scratch() }

    private func log(bytes: Int = AuditLog.maximumBytes, files: Int = 3) -> AuditLog {
        AuditLog(in: scratch.path, clock: ManualClock(), maximumBytes: bytes, maximumFiles: files)
    }

    private func add(_ count: Int, to log: AuditLog) throws {
        for number in 0..<count {
            try log.append(
                AuditEntry(
                    "config.apply", by: origin, before: RevisionID("a"), after: RevisionID("b"),
                    result: .done,
                    message: "number \(number), \"quoted\",\"previous\":\"x"))
        }
    }

    @Test func `what is written can be checked, over several processes`() throws {
        try add(3, to: log())
        try add(2, to: log())
        let result = try AuditLog.verify(in: scratch.path)
        #expect(result == .init(lines: 5, first: 1, faults: []))
        #expect(try scratch.read("audit.log").contains(#""actor":"alice""#))
    }

    @Test func `only its owner can read it`() throws {
        try add(1, to: log())
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(scratch.path)/audit.log")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func `a line that was changed or taken out is found`() throws {
        try add(5, to: log())
        let lines = try scratch.read("audit.log").split(separator: "\n").map(String.init)
        var changed = lines
        changed[2] = changed[2].replacing("alice", with: "mallory")
        try scratch.write(changed.joined(separator: "\n") + "\n", to: "audit.log")
        #expect(
            try AuditLog.verify(in: scratch.path).faults.first?.contains(":3: it has been changed") == true)
        var shorter = lines
        shorter.remove(at: 2)
        try scratch.write(shorter.joined(separator: "\n") + "\n", to: "audit.log")
        #expect(try AuditLog.verify(in: scratch.path).faults.count == 1)
    }

    @Test func `a line that was not finished is cut off and the chain goes on`() throws {
        try add(2, to: log())
        let whole = try scratch.read("audit.log")
        try scratch.write(whole + "{\"number\":3,\"ti", to: "audit.log")
        #expect(try !AuditLog.verify(in: scratch.path).isIntact)
        try add(1, to: log())
        #expect(try AuditLog.verify(in: scratch.path) == .init(lines: 3, first: 1, faults: []))
    }

    @Test func `files are put aside and the chain goes over them`() throws {
        let log = log(bytes: 1000)
        try add(20, to: log)
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted()
        #expect(names == ["audit.log", "audit.log.1", "audit.log.2", "audit.log.3"])
        let result = try AuditLog.verify(in: scratch.path)
        #expect(result.isIntact)
        #expect((result.first ?? 0) > 1)
    }

    @Test func `what cannot be written is thrown`() throws {
        let log = AuditLog(in: scratch.path + "/missing", clock: ManualClock())
        #expect(throws: StateFailure.self) { try add(1, to: log) }
        try FileManager.default.createDirectory(
            atPath: scratch.path + "/missing", withIntermediateDirectories: true)
        try add(1, to: log)
        #expect(try AuditLog.verify(in: scratch.path + "/missing").lines == 1)
    }
}
