/// Bodies of requests.
enum Samples {
    private static func yaml(_ receiver: String) -> String {
        "receivers: {\(receiver): }\\nexporters: {nop: }\\nservice:\\n  pipelines:\\n    traces: "
            + "{receivers: [\(receiver)], exporters: [nop]}\\n"
    }

    static let draft = #"{"body": "\#(yaml("nop"))", "message": "first"}"#
    static let other = ##"{"body": "# again\n\##(yaml("nop"))"}"##
    /// Names a receiver that no agent has.
    static let unknown = #"{"body": "\#(yaml("nip"))"}"#
    static let packages = """
        {"packages": [{"name": "agent", "version": "1.0", "artefacts": [
            {"url": "https://a.example/x", "sha256": "\(String(repeating: "0", count: 64))"}]}]}
        """
    static let rollout =
        #"{"target": "edge@latest", "selector": "env=prod", "plan": [{"size": 1}, {"size": "100%"}]}"#
}
