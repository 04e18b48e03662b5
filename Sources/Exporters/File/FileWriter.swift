internal import Delivery
internal import Logging
internal import NIOPosix
internal import Pipeline
internal import Synchronization
internal import Wire

/// The owner of the file: everything that touches the disk happens on its one thread.
final class FileWriter: Sendable {
    private let configuration: FileExporter.Configuration
    private let context: Context
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let log: Mutex<RotatingFile?> = Mutex(nil)
    private let flushing = Mutex<Task<Void, Never>?>(nil)
    private let isFailing = Atomic<Bool>(false)

    init(_ configuration: FileExporter.Configuration, context: Context) {
        self.configuration = configuration
        self.context = context
    }

    func open() async throws(ComponentError) {
        thread.start()
        do {
            try await onThread { [self] in
                try log.withLock { $0 = try RotatingFile(configuration, clock: context.clock) }
            }
        } catch {
            try? await thread.shutdownGracefully()
            throw ComponentError("\(error)", key: "path")
        }
        let interval = configuration.flushInterval == .zero ? .seconds(1) : configuration.flushInterval
        let clock = context.clock
        let task = Task { [weak self] in
            while (try? await clock.sleep(for: interval)) != nil, let self { await flush() }
        }
        flushing.withLock { $0 = task }
    }

    /// Takes a message in, or none of it.
    func append(_ record: [Bytes]) async throws(ExportFailure) {
        do {
            try await onThread { [self] in try log.withLock { try $0?.append(record) } }
        } catch {
            throw .retryable(reason: "\(error)", after: .seconds(1))
        }
    }

    /// Writes what is in the buffer; trouble is told once, and again when it is over.
    private func flush() async {
        do {
            try await onThread { [self] in try log.withLock { try $0?.flush() } }
            if isFailing.exchange(false, ordering: .relaxed) { context.status(.ok) }
        } catch is CancellationError {
            // The end has come; it writes what is left.
        } catch {
            guard !isFailing.exchange(true, ordering: .relaxed) else { return }
            context.logger.error("cannot write to the file, will try again", metadata: ["error": "\(error)"])
            context.status(.recoverableError("\(error)"))
        }
    }

    func close() async {
        flushing.withLock { $0?.cancel() }
        // In a task of its own, because the end has to be written even when the caller has been cancelled.
        let end = Task { [self] in
            try await onThread { [self] in
                try log.withLock { file in
                    defer { file = nil }
                    try file?.finish()
                }
            }
            try await thread.shutdownGracefully()
        }
        do {
            try await end.value
        } catch {
            context.logger.error("the end of the file is lost", metadata: ["error": "\(error)"])
            context.status(.permanentError("the end of the file is lost: \(error)"))
            try? await thread.shutdownGracefully()
        }
    }

    private func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
        try await thread.runIfActive(body)
    }
}
