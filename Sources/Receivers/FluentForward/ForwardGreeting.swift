internal import Formats
internal import Wire

/// The server's part in the handshake with one client.
struct ForwardGreeting: Sendable {
    /// What becomes of a client.
    enum Answer {
        /// It may send; with its name, when it has one.
        case accepted(ForwardPong, username: String?)
        case refused(ForwardPong)
        /// It says something else.
        case unreadable(reason: String)
    }

    let door: ForwardService.Door
    let hello: ForwardHello

    /// Begins with random bytes of its own.
    init(_ door: ForwardService.Door) {
        self.door = door
        hello = ForwardHello(
            nonce: ForwardDigest.randomBytes(),
            passwordSalt: door.passwords.isEmpty ? [] : ForwardDigest.randomBytes())
    }

    /// Reads what a client says to the greeting.
    func answer(_ message: Bytes) -> Answer {
        let ping: ForwardPing
        do throws(ForwardError) {
            ping = try ForwardPing(decoding: message)
        } catch {
            return .unreadable(reason: error.description)
        }
        let expected = ForwardDigest.sharedKey(
            salt: ping.salt, hostname: ping.hostname, nonce: hello.nonce, key: door.sharedKey)
        guard ForwardDigest.areEqual(ping.sharedKeyDigest.lowercased(), expected) else {
            return refusal("shared_key mismatch")
        }
        guard door.passwords.isEmpty || isKnown(ping) else {
            return refusal("username/password mismatch")
        }
        let proof = ForwardDigest.sharedKey(
            salt: ping.salt, hostname: door.hostname, nonce: hello.nonce, key: door.sharedKey)
        let pong = ForwardPong(isAccepted: true, hostname: door.hostname, sharedKeyDigest: proof)
        return .accepted(pong, username: door.passwords.isEmpty ? nil : ping.username)
    }

    private func isKnown(_ ping: ForwardPing) -> Bool {
        let password = door.passwords[ping.username]
        // Whoever is not known costs the same time.
        let expected = ForwardDigest.password(
            salt: hello.passwordSalt, username: ping.username, password: password ?? "")
        return ForwardDigest.areEqual(ping.passwordDigest.lowercased(), expected) && password != nil
    }

    private func refusal(_ reason: String) -> Answer {
        .refused(ForwardPong(isAccepted: false, reason: reason, hostname: door.hostname))
    }
}
