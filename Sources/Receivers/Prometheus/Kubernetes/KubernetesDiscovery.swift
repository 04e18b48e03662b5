internal import Delivery
internal import Pipeline
internal import Transport
internal import Wire

/// Targets that the API of Kubernetes tells of, watched as they change.
struct KubernetesDiscovery: Discovery {
    /// How long changes are gathered, since there may be many at once.
    private static let gathering = Duration.seconds(5)
    /// The pause before a watch goes on, or is begun again.
    private static let pause = Duration.seconds(1)
    /// The longest pause after failures.
    private static let longestPause = Duration.seconds(60)

    private let settings: KubernetesDiscoverySettings
    private let api: KubernetesAPI

    init(_ settings: KubernetesDiscoverySettings, in context: Context) throws(ComponentError) {
        self.settings = settings
        api = try KubernetesAPI(settings, in: context)
    }

    func run(_ found: @escaping @Sendable (DiscoveryUpdate) -> Void) async {
        let store = KubernetesStore()
        let (changes, change) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let queries: [KubernetesQuery]
        do throws(AccessFailure) {
            queries = try await self.queries()
        } catch {
            return found(.failed(error.description))
        }
        await withTaskGroup(of: Void.self) { group in
            for query in queries {
                group.addTask { await follow(query, store, { change.yield() }, found) }
            }
            group.addTask { await publish(changes, store, lists: queries.count, found) }
            await group.waitForAll()
        }
    }

    /// Says what the targets are, when all lists are there and whenever something has changed.
    private func publish(
        _ changes: AsyncStream<Void>, _ store: KubernetesStore, lists: Int,
        _ found: @Sendable (DiscoveryUpdate) -> Void
    ) async {
        let targets = KubernetesTargets(store: store, attachesNodes: settings.attachMetadata.node)
        var known: [TargetGroup]?
        var wasFull = false
        for await _ in changes where store.completeCount == lists {
            let groups = targets.groups(settings.role).sorted { $0.source < $1.source }
            // Most changes of objects are none of targets.
            if groups != known { found(.all(groups)) }
            known = groups
            if store.isFull, !wasFull {
                found(.failed("there are too many objects: \(store.limits), the rest is left out"))
            }
            wasFull = store.isFull
            guard (try? await api.clock.sleep(for: Self.gathering)) != nil else { return }
        }
    }

    /// Lists objects and watches them, again and again.
    private func follow(
        _ query: KubernetesQuery, _ store: KubernetesStore, _ changed: @Sendable () -> Void,
        _ found: @Sendable (DiscoveryUpdate) -> Void
    ) async {
        var client: Client?
        var pause = Self.pause
        while !Task.isCancelled {
            do throws(AccessFailure) {
                let present = if let client { client } else { try api.client() }
                client = present
                let (objects, version) = try await api.list(query, store.limits, with: present)
                store.replace(query.kind, in: query.namespace, with: objects)
                changed()
                pause = Self.pause
                try await watch(query, from: version, with: present, store, changed)
            } catch {
                guard !Task.isCancelled else { break }
                found(.failed("\(query.kind.rawValue): \(error)"))
                guard (try? await api.clock.sleep(for: pause)) != nil else { break }
                pause = min(pause * 2, Self.longestPause)
            }
        }
        await client?.close(grace: .zero)
    }

    /// Watches from a version on, until everything has to be listed anew.
    private func watch(
        _ query: KubernetesQuery, from version: String, with client: Client, _ store: KubernetesStore,
        _ changed: @Sendable () -> Void
    ) async throws(AccessFailure) {
        var next: String? = version
        while let version = next, !Task.isCancelled {
            next = try await api.watch(query, from: version, with: client) { object, isGone in
                if isGone { store.remove(query.kind, object) } else { store.put(query.kind, object) }
                changed()
            }
            // A server that ends watches at once is not asked all the time.
            guard (try? await api.clock.sleep(for: Self.pause)) != nil else { return }
        }
    }

    // MARK: - What is looked at

    private func queries() async throws(AccessFailure) -> [KubernetesQuery] {
        var kinds: [KubernetesKind] =
            switch settings.role {
            case .node: [.node]
            case .pod: [.pod]
            case .service: [.service]
            case .endpoints: [.endpoints, .service, .pod]
            case .endpointslice: [.endpointslice, .service, .pod]
            case .ingress: [.ingress]
            }
        let canHaveNodes = [.pod, .endpoints, .endpointslice].contains(settings.role)
        if settings.attachMetadata.node, canHaveNodes { kinds.append(.node) }
        let own = settings.namespaces.own ? try await ownNamespace() : nil
        let namespaces = Self.places(settings.namespaces.names, own: own)
        return kinds.flatMap { kind in
            (kind == .node ? [nil] : namespaces).map {
                KubernetesQuery(kind: kind, namespace: $0, parameters: parameters(kind))
            }
        }
    }

    /// Where to look, each place once: all that are named and the own one; everywhere with `nil`.
    static func places(_ names: [String], own: String?) -> [String?] {
        var places: [String] = []
        for name in names + (own.map { [$0] } ?? []) where !places.contains(name) { places.append(name) }
        return places.isEmpty ? [nil] : places
    }

    private func parameters(_ kind: KubernetesKind) -> [(String, String)] {
        settings.selectors.filter { $0.role.rawValue == kind.rawValue }.flatMap { selector in
            [("labelSelector", selector.label), ("fieldSelector", selector.field)].filter { !$0.1.isEmpty }
        }
    }

    private func ownNamespace() async throws(AccessFailure) -> String {
        let thread = DeadlineThread(clock: SystemClock())
        defer { thread.close() }
        let text = try? await thread.run(within: .seconds(10)) {
            try? SmallFile.read("\(KubernetesAPI.account)/namespace").string
        }
        guard let text, !text.isEmpty else {
            throw AccessFailure("own_namespace needs the account of a pod, and there is none")
        }
        return text.filter { !$0.isWhitespace }
    }
}
