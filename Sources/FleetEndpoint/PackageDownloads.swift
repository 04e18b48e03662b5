internal import Fleet
internal import FleetModel
internal import Synchronization
internal import Transport
internal import Wire

/// The files of packages that the manager has itself, for agents to download: with their own credential, or
/// with the ticket that an offer names.
///
/// Bounded: `atOnce` downloads at the same time, `share` of them for one address, of which each holds
/// `ResponseStream.defaultBound` bytes and a piece; more are told to come later. A client may take as long as
/// it likes for a file, and is let go when it takes nothing of it for the write timeout. Files are opened and
/// read away from the event loops, on which only the credential and the form of the request are looked at.
final class PackageDownloads: Sendable {
    static let atOnce = 64
    static let share = 8
    private static let piece = 64 << 10
    /// Seconds after which somebody may try again; spread by the number of those who were told so.
    private static let wait = 5

    private let packages: PackageLibrary
    private let desk: AgentDesk
    private let slots: CallerSlots
    private let refusals = Atomic<Int>(0)

    init(_ packages: PackageLibrary, _ desk: AgentDesk) {
        self.packages = packages
        self.desk = desk
        // Behind a proxy all have one address.
        let hasOwnAddress = desk.configuration.maxStrangersPerAddress != nil
        slots = CallerSlots(limit: Self.atOnce, share: hasOwnAddress ? Self.share : Self.atOnce)
    }

    /// Whether a request is about a file.
    func isFor(_ head: ServerRequestHead) -> Bool { head.path.hasPrefix(PackageLibrary.downloadPath) }

    func admit(_ head: ServerRequestHead) -> Admission {
        switch wanted(by: head) {
        case .failure(let refusal): .refuse(count(refusal))
        case .success: .accept(maxBodySize: 0)
        }
    }

    func respond(to head: ServerRequestHead, _ responder: Responder) {
        // Between the headers and now a credential may have been taken away.
        let hash: ContentHash
        switch wanted(by: head) {
        case .failure(let refusal): return responder.send(count(refusal))
        case .success(let wanted): hash = wanted
        }
        guard slots.take(head.connection.host) else {
            let turn = refusals.wrappingAdd(1, ordering: .relaxed).newValue % 60
            return responder.send(
                count(
                    Refused(
                        .full,
                        .text(503, "many agents download at the moment; come back later")
                            .adding(["retry-after": "\(Self.wait + turn)"]))))
        }
        Task {
            await self.deliver(hash, to: head, responder)
            self.slots.giveBack(head.connection.host)
        }
    }

    private func deliver(_ hash: ContentHash, to head: ServerRequestHead, _ responder: Responder) async {
        guard let reader = await packages.files.open(hash) else {
            return responder.send(count(.missing))
        }
        desk.counters.downloads.wrappingAdd(1, ordering: .relaxed)
        let fields: HTTPFields = [
            "content-type": "application/octet-stream", "content-length": "\(reader.size)",
            "etag": "\"\(hash)\"", "cache-control": "private, immutable",
        ]
        guard let stream = responder.beginStream(status: 200, fields: fields) else { return }
        if head.method == "HEAD" { return stream.finish() }
        if await send(reader, over: stream) { stream.finish() } else { stream.abort() }
    }

    /// Sends a file; whether the client has taken all of it.
    private func send(_ reader: PackageReader, over stream: ResponseStream) async -> Bool {
        let patience = desk.configuration.writeTimeout
        var offset = 0
        while offset < reader.size {
            guard await stream.waitForRoom(Self.piece, within: patience),
                let piece = await packages.files.read(reader, at: offset, Self.piece),
                stream.send(Bytes(piece))
            else { return false }
            desk.counters.downloadedBytes.wrappingAdd(piece.count, ordering: .relaxed)
            offset += piece.count
        }
        // The slot is held until the client has taken what is left.
        return await stream.waitForRoom(.max, within: patience)
    }

    /// An answer other than a file, and what it is counted as.
    private struct Refused: Error {
        let reason: FleetEndpointFigures.Refusal
        let response: ServerResponse

        init(_ reason: FleetEndpointFigures.Refusal, _ response: ServerResponse) {
            self.reason = reason
            self.response = response
        }

        static var missing: Refused { Refused(.improper, .text(404, "there is no such file")) }
    }

    private func count(_ refused: Refused) -> ServerResponse {
        desk.counters.refused(refused.reason)
        return refused.response
    }

    private func hash(in head: ServerRequestHead) -> ContentHash? {
        ContentHash(String(head.path.dropFirst(PackageLibrary.downloadPath.count)))
    }

    /// Which file somebody asks for who may have it; whether it is here is not looked at.
    private func wanted(by head: ServerRequestHead) -> Result<ContentHash, Refused> {
        guard ["GET", "HEAD"].contains(head.method) else {
            return .failure(
                Refused(.improper, .text(405, "files are only read").adding(["allow": "GET, HEAD"])))
        }
        guard !head.fields.contains("origin") else {
            return .failure(
                Refused(.improper, .text(403, "this is for agents, not for pages in a browser")))
        }
        if let (reason, text, wait) = desk.closedDoor() {
            return .failure(Refused(reason, .text(503, text).adding(["retry-after": "\(wait)"])))
        }
        // Who has no business here does not learn which files there are.
        if let refusal = refusal(of: head) {
            return .failure(Refused(refusal.figure, refusal.response))
        }
        return hash(in: head).map { .success($0) } ?? .failure(.missing)
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
