internal import Delivery
internal import Pipeline
internal import Telemetry

/// Finds the storage extension that an exporter, or a connector with a queue, names.
struct StorageLookup {
    let exporter: ComponentRecord
    /// The extensions that will run.
    let extensions: [Built<any Extension>]

    /// Where the queue for `signal` is kept; `nil` is in memory.
    func queue(
        _ delivery: DeliverySettings, _ signal: Signal
    ) throws(GraphBuilder.Failure) -> QueueStorage? {
        try storage(named: delivery.sendingQueue.storage, key: "\(delivery.queueKey).storage")
            .map { QueueStorage($0, exporter: exporter.id, signal: signal) }
    }

    /// Where refused batches of `signal` are kept; `nil` is nowhere.
    func deadLetters(
        _ delivery: DeliverySettings, _ signal: Signal
    ) throws(GraphBuilder.Failure) -> QueueStorage? {
        guard delivery.onPermanentError == .deadLetter else { return nil }
        let letters = delivery.deadLetters
        let own = try storage(named: letters.storage, key: "dead_letters.storage")
        let shared = try storage(named: delivery.sendingQueue.storage, key: "\(delivery.queueKey).storage")
        return (own ?? shared)
            .map { QueueStorage($0, deadLetters: letters, exporter: exporter.id, signal: signal) }
    }

    /// The settings of the storage called `name`; throws when it is none, naming the `key` that names it.
    private func storage(named name: String?, key: String) throws(GraphBuilder.Failure) -> StorageSettings? {
        guard let name, let id = ComponentID(parsing: name) else { return nil }
        guard let found = exporter.lookup.find(id) else {
            let known = extensions.filter { $0.component is any StorageExtension }.map { $0.id.description }
            let list = known.isEmpty ? "there is none" : "there are: \(known.joined(separator: ", "))"
            throw failure(
                "'\(id)' is not a storage extension in service::extensions (\(list))", key: key)
        }
        guard let storage = found as? any StorageExtension else {
            throw failure("the extension '\(id)' stores nothing; name a file_storage", key: key)
        }
        return storage.storage
    }

    private func failure(_ message: String, key: String) -> GraphBuilder.Failure {
        GraphBuilder.Failure(
            kind: exporter.kind, id: exporter.id, error: ComponentError(message, key: key))
    }
}
