internal import Formats
internal import Pipeline
internal import Settings
internal import Transport
internal import Wire

/// Who this end is in a handshake.
struct ForwardIdentity: Sendable {
    let sharedKey: Secret
    let hostname: String
    let username: String
    let password: Secret
}

/// One connection to a server, past its handshake; used by one export at a time.
struct ForwardLink: Sendable {
    /// Why messages were not delivered.
    struct Failure: Error {
        let failure: ExportFailure
        /// Whether the server had closed the connection, or did so before it answered.
        let isGone: Bool
    }

    private let stream: StreamLink
    private let target: ListenAddress
    /// Whether the server lets it be used for further messages.
    let keepsAlive: Bool

    /// A message to send.
    struct Message: Sendable {
        /// Its bytes.
        let parts: [Bytes]
        /// What has to be acknowledged; `nil` when nothing has.
        let chunk: String?
    }

    /// The most messages that are sent before their acknowledgements are read: both sides would wait for each
    /// other for ever if more came than fit between them.
    private static let roundLimit = 256
    /// The most bytes of an acknowledgement.
    private static let acknowledgementLimit = 4096

    /// Connects and, with an identity, shows who this is and sees who that is.
    ///
    /// - Parameters:
    ///   - configuration: the target.
    ///   - identity: who this end is; `nil` for no handshake.
    ///   - limit: the time that connecting may take, and again the handshake.
    ///   - lane: whose loop serves the connection.
    /// - Returns: a connection over which messages can be sent.
    /// - Throws: why there is none, never with a secret in it.
    static func open(
        _ configuration: StreamClient.Configuration, identity: ForwardIdentity?, limit: Duration?,
        on lane: Lane
    ) async throws(ExportFailure) -> ForwardLink {
        var configuration = configuration
        if let limit { configuration.connectTimeout = min(configuration.connectTimeout, limit) }
        let stream: StreamLink
        do throws(TransportError) {
            stream = try await StreamClient.connect(configuration, on: lane.eventLoop)
        } catch {
            throw Self.failure(error)
        }
        let link = ForwardLink(stream: stream, target: configuration.target, keepsAlive: true)
        guard let identity else { return link }
        stream.limit(limit ?? configuration.connectTimeout)
        do throws(ExportFailure) {
            let hello = try await link.introduce(identity)
            return ForwardLink(
                stream: stream, target: configuration.target, keepsAlive: hello.keepsAlive)
        } catch {
            stream.close()
            throw error
        }
    }

    /// Whether it can still be used, as far as is known.
    func isOpen() async -> Bool { await stream.isOpen() }

    func close() { stream.close() }

    /// Sends messages and waits until their chunks are acknowledged, if they have any.
    ///
    /// - Parameters:
    ///   - messages: the messages.
    ///   - limit: the time for all of it; the connection is closed when it is over.
    /// - Throws: why they are not delivered, as far as is known.
    func deliver(
        _ messages: [Message], limit: Duration?
    ) async throws(Failure) {
        stream.limit(limit)
        do throws(TransportError) {
            for start in stride(from: 0, to: messages.count, by: Self.roundLimit) {
                let round = messages[start..<min(start + Self.roundLimit, messages.count)]
                try await stream.send(round.flatMap { $0.parts })
                try await waitForAcknowledgements(Set(round.compactMap { $0.chunk }))
            }
            stream.limit(nil)
        } catch {
            stream.close()
            throw Failure(failure: Self.failure(error), isGone: error.kind == .closedBeforeResponse)
        }
    }

    private func waitForAcknowledgements(_ chunks: Set<String>) async throws(TransportError) {
        var missing = chunks
        while !missing.isEmpty {
            let message = try await receive(Self.acknowledgementLimit)
            let acknowledgement = (try? MessagePackValue(decoding: message, depth: 4))?["ack"]?.text
            guard let acknowledgement, missing.remove(acknowledgement) != nil else {
                throw TransportError(
                    .protocolError, "\(target) sent something else than an acknowledgement that is due")
            }
        }
    }

    // MARK: - The handshake

    /// Shows who this is and sees who that is; gives what the server said of itself.
    private func introduce(
        _ identity: ForwardIdentity
    ) async throws(ExportFailure) -> ForwardHello {
        let hello: ForwardHello
        let helloBytes = try await message()
        do throws(ForwardError) { hello = try ForwardHello(decoding: helloBytes) } catch {
            throw refusal(error.description)
        }
        let salt = ForwardDigest.randomBytes()
        let key = identity.sharedKey.reveal()
        var ping = ForwardPing(
            hostname: identity.hostname, salt: salt,
            sharedKeyDigest: ForwardDigest.sharedKey(
                salt: salt, hostname: identity.hostname, nonce: hello.nonce, key: key))
        if !hello.passwordSalt.isEmpty {
            ping.username = identity.username
            ping.passwordDigest = ForwardDigest.password(
                salt: hello.passwordSalt, username: identity.username, password: identity.password.reveal())
        }
        do throws(TransportError) { try await stream.send([ping.encoded()]) } catch {
            throw Self.failure(error)
        }
        let pong: ForwardPong
        let pongBytes = try await message()
        do throws(ForwardError) { pong = try ForwardPong(decoding: pongBytes) } catch {
            throw refusal(error.description)
        }
        guard pong.isAccepted else { throw refusal("it refuses this client: \(pong.reason.prefix(200))") }
        let proof = ForwardDigest.sharedKey(
            salt: salt, hostname: pong.hostname, nonce: hello.nonce, key: key)
        guard ForwardDigest.areEqual(pong.sharedKeyDigest.lowercased(), proof) else {
            throw refusal("it does not know the shared key")
        }
        return hello
    }

    private func message() async throws(ExportFailure) -> Bytes {
        do throws(TransportError) {
            return try await receive(ForwardHandshake.limit)
        } catch {
            throw Self.failure(error)
        }
    }

    /// Nothing is wrong with the data, and settings of either end may be mended.
    private func refusal(_ reason: String) -> ExportFailure {
        .retryable(reason: "no handshake with \(target): \(reason)")
    }

    // MARK: - Messages

    private func receive(_ limit: Int) async throws(TransportError) -> Bytes {
        let target = target
        return try await stream.receive(limit: limit) { bytes throws(TransportError) in
            do throws(MessagePackError) {
                return try Self.firstMessage(in: bytes, limit: limit)
            } catch {
                throw TransportError(.protocolError, "\(target) sent what is no MessagePack: \(error)")
            }
        }
    }

    /// How many bytes the first message has; 0 when it is not whole.
    private static func firstMessage(in bytes: Bytes, limit: Int) throws(MessagePackError) -> Int {
        var reader = MessagePackReader(bytes)
        do throws(MessagePackError) {
            try reader.skip(depth: 16)
        } catch {
            guard error.reason == .truncated else { throw error }
            // What will be too long is known before it is there.
            var scanner = MessagePackScanner(limit: limit)
            return try bytes.withSpan { (span) throws(MessagePackError) in
                try scanner.wholeValues(in: span)
            }
        }
        guard reader.position <= limit else { throw MessagePackError(.tooLong(limit: limit), at: 0) }
        return reader.position
    }

    private static func failure(_ error: TransportError) -> ExportFailure {
        error.kind == .invalidAddress
            ? .permanent(reason: error.description) : .retryable(reason: error.description)
    }
}
