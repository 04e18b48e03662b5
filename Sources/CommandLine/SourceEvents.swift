internal import Dispatch
internal import Glibc

/// Tells when something happens in the directories of the sources of a configuration.
///
/// Directories and not files are watched, because editors and Kubernetes put another file, or another link,
/// in the place of the one before. What changed is for others to find out.
final class SourceEvents: Sendable {
    /// One element for each time that something has happened; several in a row become one.
    let wake: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let paths: [String]
    private let descriptor: Int32
    private let source: Source

    private static let interest = UInt32(
        IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB)

    /// Keeps the source alive.
    ///
    /// `@unchecked Sendable` is sound because nothing touches it after `init` but `cancel`, which any thread
    /// may call.
    private struct Source: @unchecked Sendable {
        let object: any DispatchSourceRead
    }

    /// Begins to watch; `nil` when the system has no room for another watch.
    init?(sources: [String]) {
        descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard descriptor >= 0 else { return nil }
        (wake, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        paths = sources.compactMap { Self.path(of: $0) }
        source = Source(object: DispatchSource.makeReadSource(fileDescriptor: descriptor))
        source.object.setEventHandler { [weak self] in self?.take() }
        arm()
        source.object.resume()
    }

    deinit {
        source.object.cancel()
        close(descriptor)
    }

    /// Ends the stream.
    func finish() { continuation.finish() }

    private func take() {
        var events = [UInt8](repeating: 0, count: 4096)
        while read(descriptor, &events, events.count) > 0 {}
        // Links may point to another directory now, and a directory that is gone may be back.
        arm()
        continuation.yield()
    }

    /// Watches what has to be; watching a directory twice is the same as once.
    private func arm() {
        for path in paths {
            for directory in Self.directories(of: path) {
                inotify_add_watch(descriptor, directory, Self.interest)
            }
        }
    }

    /// The directory of a file and those that links in it lead to; for a directory also itself.
    private static func directories(of path: String) -> Set<String> {
        var found: Set = [parent(of: path)]
        if isDirectory(path) { found.insert(path) }
        guard let target = realpath(path, nil) else { return found }
        let real = String(cString: target)
        free(target)
        found.insert(isDirectory(real) ? real : parent(of: real))
        return found
    }

    private static func isDirectory(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The path that a source names; `nil` for addresses.
    private static func path(of source: String) -> String? {
        if source.hasPrefix("file:") { return String(source.dropFirst(5)) }
        let scheme = source.prefix { $0 != ":" }
        return scheme.count < source.count && scheme.count > 1 && !scheme.contains("/") ? nil : source
    }
}
