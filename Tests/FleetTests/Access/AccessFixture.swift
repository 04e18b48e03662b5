import FleetStore
import Logging
import OpAMP
import Pipeline
import PipelineTesting
import Synchronization

@testable import Fleet

/// Access over a store in memory, with a state directory of its own.
struct AccessFixture {
    let store: FleetStore
    let clock: ManualClock
    let access: AccessControl

    static let admin = FleetUser(name: "token:admin", owner: "admin", token: "1", roles: [.admin])
    static let address = "10.1.2.3:5000"
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func uid(_ number: UInt64 = 1) -> InstanceUID { InstanceUID(high: 5, low: number) }

    static func with(
        anyAgent: Bool = false, _ body: (AccessFixture) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.withinAsync { path in
            let store = try await FleetStore.open(.memory, replica: "a", logger: logger)
            let clock = ManualClock()
            let access = try await AccessControl.open(
                store, stateDirectory: path, allowsAnyAgent: anyAgent, clock: clock, logger: logger)
            try await body(AccessFixture(store: store, clock: clock, access: access))
            await store.close()
        }
    }

    /// Another manager of the same store and the same authority.
    func other(in path: String) async throws -> AccessControl {
        try await AccessControl.open(store, stateDirectory: path, clock: clock, logger: Self.logger)
    }

    func token(
        _ name: String = "sites", _ change: (inout EnrollmentTokenRequest) -> Void = { _ in }
    ) async throws -> (token: EnrollmentToken, text: String) {
        var request = EnrollmentTokenRequest(name: name)
        change(&request)
        return try await access.enrollmentTokens.create(request, by: "token:admin")
    }

    func principal(_ text: String, address: String = address) throws -> AgentPrincipal {
        try access.agent(authorization: "Bearer \(text)", address: address)
    }

    func enroll(_ uid: InstanceUID = uid(), with text: String) async throws -> AgentStanding {
        let principal = try principal(text)
        return try await access.enroll(
            EnrollmentRequest(uid: uid, principal: principal, name: "host", address: Self.address))
    }
}

/// What was told to a closure.
final class Told<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    var all: [Value] { values.withLock { $0 } }
    func add(_ value: Value) { values.withLock { $0.append(value) } }
}
