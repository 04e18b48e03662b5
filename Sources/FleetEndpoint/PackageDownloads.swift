internal import Fleet
internal import FleetModel
internal import Synchronization
internal import Transport
internal import Wire

/// The files of packages that the manager has itself, for agents to download: with their own credential, or
/// with the ticket that an offer names.
///
/// Bounded: `atOnce` downloads at the same time, of which each holds a piece of the file; more are told to
/// come later. A client that does not read on is sent away by the write timeout.
final class PackageDownloads: Sendable {
    static let atOnce = 64
    private static let piece = 128 << 10
    /// Seconds after which somebody may try again; spread by the number of those who were told so.
    private static let wait = 5

    private let packages: PackageLibrary
    private let desk: AgentDesk
    private let underWay = Atomic<Int>(0)
    private let refusals = Atomic<Int>(0)

    init(_ packages: PackageLibrary, _ desk: AgentDesk) {
        self.packages = packages
        self.desk = desk
    }

    /// Whether a request is about a file.
    func isFor(_ head: ServerRequestHead) -> Bool { head.path.hasPrefix(PackageLibrary.downloadPath) }

    func admit(_ head: ServerRequestHead) -> Admission {
        if let (reason, response) = objection(to: head) {
            desk.counters.refused(reason)
            return .refuse(response)
        }
        return .accept(maxBodySize: 0)
    }

    func respond(to head: ServerRequestHead, _ responder: Responder) {
        // Between the headers and now a credential may have been taken away.
        if let (reason, response) = objection(to: head) {
            desk.counters.refused(reason)
            return responder.send(response)
        }
        guard let hash = hash(in: head), let reader = packages.files.open(hash) else {
            return responder.send(.text(404, "there is no such file"))
        }
        guard underWay.wrappingAdd(1, ordering: .relaxed).newValue <= Self.atOnce else {
            underWay.wrappingSubtract(1, ordering: .relaxed)
            let turn = refusals.wrappingAdd(1, ordering: .relaxed).newValue % 60
            desk.counters.refused(.full)
            return responder.send(
                .text(503, "many agents download at the moment; come back later")
                    .adding(["retry-after": "\(Self.wait + turn)"]))
        }
        desk.counters.downloads.wrappingAdd(1, ordering: .relaxed)
        let fields: HTTPFields = [
            "content-type": "application/octet-stream", "content-length": "\(reader.size)",
            "etag": "\"\(hash)\"", "cache-control": "private, immutable",
        ]
        guard let stream = responder.beginStream(status: 200, fields: fields) else {
            underWay.wrappingSubtract(1, ordering: .relaxed)
            return
        }
        Task {
            await self.send(reader, over: stream)
            stream.finish()
            self.underWay.wrappingSubtract(1, ordering: .relaxed)
        }
    }

    private func send(_ reader: PackageReader, over stream: ResponseStream) async {
        var offset = 0
        while offset < reader.size, await stream.waitForRoom(Self.piece, within: desk.configuration.writeTimeout) {
            guard let piece = reader.read(at: offset, Self.piece), !piece.isEmpty,
                stream.send(Bytes(piece))
            else { return }
            desk.counters.downloadedBytes.wrappingAdd(piece.count, ordering: .relaxed)
            offset += piece.count
        }
    }

    private func hash(in head: ServerRequestHead) -> ContentHash? {
        ContentHash(String(head.path.dropFirst(PackageLibrary.downloadPath.count)))
    }

    private func objection(
        to head: ServerRequestHead
    ) -> (FleetEndpointFigures.Refusal, ServerResponse)? {
        guard ["GET", "HEAD"].contains(head.method) else {
            return (.improper, .text(405, "files are only read").adding(["allow": "GET, HEAD"]))
        }
        guard !head.fields.contains("origin") else {
            return (.improper, .text(403, "this is for agents, not for pages in a browser"))
        }
        if let (reason, text, wait) = desk.closedDoor() {
            return (reason, .text(503, text).adding(["retry-after": "\(wait)"]))
        }
        // Who has no business here does not learn which files there are.
        if let refusal = refusal(of: head) { return (refusal.figure, refusal.response) }
        guard let hash = hash(in: head), packages.files.file(hash) != nil else {
            return (.improper, .text(404, "there is no such file"))
        }
        return nil
    }

    /// Why whoever asks does not get the file.
    private func refusal(of head: ServerRequestHead) -> AgentRefusal? {
        let words = (head.fields["authorization"] ?? "").split(separator: " ", maxSplits: 1)
        if words.count == 2, words[0].lowercased() == "bearer", PackageLibrary.isTicket(words[1]) {
            guard let hash = hash(in: head), packages.admits(ticket: words[1], to: hash) else {
                return .unauthenticated("the ticket is not for this file, or has expired")
            }
            return nil
        }
        do throws(AgentRefusal) {
            switch try desk.principal(of: head) {
            case .agent, .certificate, .anyone: return nil
            case .enrollment(_, _, let isApproved, _):
                return isApproved ? nil : .unauthenticated("agents that wait to be let in get no files")
            }
        } catch {
            return error
        }
    }
}
