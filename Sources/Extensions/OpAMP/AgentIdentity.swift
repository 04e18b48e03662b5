internal import OpAMP
internal import Pipeline

/// The id of an agent, over the end of its process.
struct AgentIdentity: Sendable, Equatable {
    /// What is used.
    var uid: InstanceUID
    /// Whether the server has to give another one.
    var isTemporary = false

    private static let fileName = "instance_uid"

    /// Finds the id: the one that the server gave instead of the configured one, else the configured one,
    /// else the one that was kept, else a new one.
    ///
    /// - Parameters:
    ///   - configured: From the settings; empty for none.
    ///   - requests: Whether the server gives the agent its id the first time.
    ///   - folder: Where it is kept; without one it lives as long as the process.
    ///   - clock: Time and randomness for a new one.
    /// - Throws: When it cannot be kept.
    init(
        configured: String, requests: Bool, in folder: AgentFolder?, clock: any PipelineClock
    ) throws(ComponentError) {
        let lines = (try folder?.read(Self.fileName) ?? "").split(separator: "\n").map(String.init)
        let kept = lines.first.flatMap { InstanceUID($0) }
        let origin = lines.dropFirst().first ?? ""
        if let kept, origin == configured {
            uid = kept
            return
        }
        if let uid = InstanceUID(configured) {
            self.uid = uid
        } else {
            uid = .version7(
                unixMilliseconds: clock.unixNanoseconds / 1_000_000,
                random: (.random(in: .min ... .max), .random(in: .min ... .max)))
            isTemporary = requests
        }
        if !isTemporary { try Self.keep(uid, instead: configured, in: folder) }
    }

    /// Keeps the id that is used from now on.
    static func keep(
        _ uid: InstanceUID, instead configured: String, in folder: AgentFolder?
    ) throws(ComponentError) {
        try folder?.write("\(uid)\n\(configured)\n", to: fileName)
    }
}
