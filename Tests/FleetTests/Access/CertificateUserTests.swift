import Fleet
import Testing

@Suite struct CertificateUserTests {
    private let users = CertificateUsers([
        .init(subject: "deploy", roles: [.editor, .operator]),
        .init(subject: "ada@example.com", roles: [.admin], owner: "ada"),
        .init(subject: "deploy", roles: [.admin]),
    ])

    @Test func `the subject of a certificate is its common name or another name of it`() {
        let deploy = users.user(commonName: "deploy", alternativeNames: [])
        #expect(
            deploy
                == FleetUser(
                    name: "certificate:deploy", owner: "deploy", token: "", roles: [.editor, .operator]))
        let ada = users.user(commonName: "Ada", alternativeNames: ["x", "ada@example.com"])
        #expect(ada?.name == "certificate:ada@example.com")
        #expect(ada?.owner == "ada")
        #expect(ada?.permissions == .all)
    }

    @Test(
        arguments: [
            (nil, []), ("Deploy", []), ("deploy2", ["ada@example.com.evil"]), ("", [""]), ("Ada", ["x"]),
        ] as [(String?, [String])])
    func `who is not named is nobody`(name: String?, others: [String]) {
        #expect(users.user(commonName: name, alternativeNames: others) == nil)
    }
}
