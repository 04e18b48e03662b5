internal import FleetModel
internal import FleetStore
internal import Settings

/// Sees to it that all managers of a store issue certificates as one authority: an agent has to be let in by
/// whichever it comes to.
struct AuthorityAgreement {
    private static let id = "agents-authority"

    private let store: FleetStore

    init(_ store: FleetStore) { self.store = store }

    /// Notes the authority of the first manager; that of another has to be the same.
    func check(_ authority: CertificateAuthority, in directory: String) async throws(AccessError) {
        let fingerprint = ContentHash(of: Array(authority.certificate.utf8)).description
        do throws(StoreError) {
            let body = Tree.table(["fingerprint": .text(fingerprint)])
            if try await store.document(.setting, Self.id) == nil {
                do throws(StoreError) {
                    try await store.write([.put(.setting, Self.id, body, expecting: .absent)])
                } catch .conflict {
                    // Another manager began at the same time; what it noted counts.
                }
            }
            let known = try await store.document(.setting, Self.id)?.body["fingerprint"]?.text
            guard known != fingerprint else { return }
        } catch {
            throw .store(error)
        }
        let files = CertificateAuthority.files(in: directory)
        throw .file(
            "the managers that share a store need the same authority for agents: copy \(files.key) and "
                + "\(files.certificate) from the manager that began first")
    }
}
