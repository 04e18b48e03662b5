import FleetModel
import Settings
import Testing

@testable import Fleet

@Suite struct PermissionTests {
    /// The whole table, once more by hand.
    @Test(arguments: [
        (FleetRole.viewer, "look"),
        (.editor, "look, edit-configurations, edit-values, edit-plans"),
        (.approver, "look, approve-rollouts"),
        (
            .operator,
            "look, edit-configurations, edit-values, edit-plans, edit-labels, edit-groups, run-rollouts, "
                + "operate-agents, approve-enrollments, revoke-agents"
        ),
    ])
    func `a role has just its permissions`(role: FleetRole, permissions: String) {
        #expect(role.permissions.description == permissions)
    }

    @Test func `an admin may do everything, and every permission has a name`() {
        #expect(FleetRole.admin.permissions == .all)
        #expect(
            FleetPermissions.names.reduce(into: FleetPermissions()) { $0.formUnion($1.permission) } == .all)
        #expect(Set(FleetPermissions.names.map(\.name)).count == FleetPermissions.names.count)
    }

    @Test func `several roles add up`() {
        let user = FleetUser(name: "a", owner: "a", token: "", roles: [.approver, .editor])
        #expect(user.permissions == [.look, .approveRollouts, .editConfigurations, .editValues, .editPlans])
    }

    @Test func `nobody but an admin reads the audit log or makes tokens`() {
        for role in FleetRole.allCases where role != .admin {
            #expect(
                role.permissions.isDisjoint(with: [
                    .readAudit, .manageTokens, .manageEnrollmentTokens, .manageSettings, .manageWebhooks,
                ]))
        }
    }
}

@Suite struct SeparationOfDutiesTests {
    private static func user(_ owner: String, _ roles: Set<FleetRole> = [.approver]) -> FleetUser {
        FleetUser(name: "token:\(owner)-2", owner: owner, token: "2", roles: roles)
    }

    @Test func `whoever started or wrote it may not say yes, not even with another token`() {
        var duties = SeparationOfDuties()
        #expect(duties.objection(to: Self.user("ann"), starter: "ann", author: "bob") != nil)
        #expect(duties.objection(to: Self.user("bob"), starter: "ann", author: "bob") != nil)
        #expect(duties.objection(to: Self.user("eve"), starter: "ann", author: "bob") == nil)
        #expect(duties.objection(to: Self.user("eve", [.operator]), starter: "ann", author: "bob") != nil)
        duties.authorMayNotApprove = false
        #expect(duties.objection(to: Self.user("bob"), starter: "ann", author: "bob") == nil)
    }

    @Test func `a yes is needed for certain agents or for many`() throws {
        var duties = SeparationOfDuties()
        #expect(!duties.needsApproval([["env": "prod"]]))
        duties.approvalSelector = try Selector(parsing: "env=prod")
        #expect(duties.needsApproval([["env": "test"], ["env": "prod"]]))
        #expect(!duties.needsApproval([["env": "test"]]))
        duties.approvalSize = 2
        #expect(duties.needsApproval([["env": "test"], ["env": "test"]]))
    }

    @Test func `the settings are kept and read again`() async throws {
        try await AccessFixture.with { fixture in
            var duties = SeparationOfDuties()
            duties.approvalSelector = try Selector(parsing: "env in (prod, stage)")
            duties.approvalSize = 100
            duties.allowsBreakGlass = true
            let version = try await fixture.access.setSeparationOfDuties(duties, over: 0)
            #expect(fixture.access.separationOfDuties == (duties, version))
            await #expect(throws: AccessError.self) {
                try await fixture.access.setSeparationOfDuties(SeparationOfDuties(), over: 0)
            }
            #expect(try SeparationOfDuties(tree: duties.tree) == duties)
        }
    }

    @Test(arguments: [
        ("approval_selector", "{approval_selector: 'a in'}"), ("approval_size", "{approval_size: 0}"),
        ("aproval_size", "{aproval_size: 1}"),
    ])
    func `wrong settings are told with the key`(key: String, yaml: String) throws {
        let tree = try Tree(yaml: yaml, source: ConfigurationSource(.inline, "test"))
        let error = #expect(throws: InvalidSettings.self) { try SeparationOfDuties(tree: tree) }
        #expect(error?.diagnostics.first?.path == [key])
    }
}

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.1.2.3:99", true), ("10.0.0.0/8", "11.1.2.3:99", false),
        ("10.1.2.3", "10.1.2.3", true),
        ("10.1.2.3", "10.1.2.4", false), ("0.0.0.0/0", "1.2.3.4:1", true), ("fd00::/8", "[fd00::1]:99", true),
        ("fd00::/8", "[fe80::1]:99", false), ("10.0.0.0/8", "[::ffff:10.9.9.9]:1", true),
        ("fd00::/8", "10.1.2.3:1", false), ("10.1.2.128/25", "10.1.2.127:1", false),
        ("10.1.2.128/25", "10.1.2.129:1", true), ("10.0.0.0/8", "unix", false),
    ])
    func `an address is in a range or not`(range: String, address: String, isIn: Bool) {
        #expect(AddressRange(range)?.contains(address) == isIn)
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0/8", "host", "::/129", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/8/9",
    ])
    func `what is no range is not taken`(text: String) { #expect(AddressRange(text) == nil) }
}

@Suite struct SecureTokenTests {
    @Test func `tokens have 256 random bits and are never alike`() {
        let tokens = (0..<100).map { _ in SecureToken.make(.user) }
        #expect(Set(tokens.map(\.text)).count == 100)
        #expect(tokens.allSatisfy { $0.text.split(separator: "_").last?.utf8.count == 64 })
    }

    @Test(arguments: SecureToken.Kind.allCases)
    func `a token is only taken for what it is`(kind: SecureToken.Kind) {
        let token = SecureToken.make(kind)
        for other in SecureToken.Kind.allCases {
            #expect((SecureToken.id(in: token.text, other) == token.id) == (other == kind))
        }
        #expect(SecureToken.matches(token.text, SecureToken.hash(token.text)))
        #expect(!SecureToken.matches(token.text.dropLast() + "0x", SecureToken.hash(token.text)))
    }

    @Test(arguments: [
        ("Bearer abc", "abc"), ("bearer abc", "abc"), ("Basic abc", nil), ("Bearer", nil), ("abc", nil),
        ("", nil),
        ("Bearer " + String(repeating: "a", count: 500), nil),
    ])
    func `only a bearer field holds one`(field: String, token: String?) {
        #expect(SecureToken.bearer(field).map(String.init) == token)
    }
}
