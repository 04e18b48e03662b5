import OTLPOracle
import Processors
import SwiftProtobuf
import Telemetry
import Testing
import Wire

/// What moves among resources comes to where the same moves among the oracle's objects bring it.
@Suite struct RegroupingProperties {
    private static let seeds: Range<UInt64> = 0..<80

    @Test(arguments: [Signal.traces, .logs])
    func `attributes move from items to resources`(_ signal: Signal) throws {
        let keys = ["host", "service.name"]
        let processing = Processing(GroupByAttrsProcessor.self, "keys: [host, service.name]")
        try check(processing, signal) { resource, attributes in
            for key in keys {
                guard let value = attributes.value(key) else { continue }
                resource.attributes.put(key, value)
                attributes.remove(key)
            }
        }
    }

    @Test func `log records have resources of their own while data is flat`() throws {
        let processing = Processing.transform(
            .logs, #"set(resource.attributes["from"], log.attributes["host"])"#, more: "flatten_data: true")
        try check(processing, .logs, staysUnmoved: true) { resource, attributes in
            guard let value = attributes.value("host"), value.value != nil, !value.isIndex else { return }
            resource.attributes.put("from", value)
        }
    }

    /// Compares what a processor makes of random messages with `move`, which is shown the resource of an item
    /// and the attributes of the item.
    ///
    /// `staysUnmoved` says that groups which are alike are not put together where nothing moves.
    private func check(
        _ processing: Processing, _ signal: Signal, staysUnmoved: Bool = false,
        _ move: (inout OTLP.Resource, inout [OTLP.KeyValue]) -> Void
    ) throws {
        var changes = 0
        for seed in Self.seeds {
            let before = OracleMessage(signal, seed: seed, size: 20, depth: 2)
            let bytes = try before.wire
            var items = try Item.all(of: before)
            var isMoved = false
            for index in items.indices {
                var (resource, attributes) = (items[index].resource, items[index].attributes)
                move(&resource, &attributes)
                if try resource.wireForm != items[index].resource.wireForm { isMoved = true }
                (items[index].resource, items[index].attributes) = (resource, attributes)
            }
            let batch = try Batch(validating: Bytes(bytes), as: signal)
            let after = try processing.bytes(of: batch)
            if isMoved || !staysUnmoved {
                let groups = try Group.present(in: OracleMessage(signal, decoding: after))
                #expect(try groups == Group.all(of: items), "seed \(seed)")
            } else {
                #expect(after == bytes, "seed \(seed)")
            }
            if after != bytes { changes += 1 }
            #expect(try Batch(validating: Bytes(after), as: signal).itemCount == items.count)
        }
        #expect(changes > Self.seeds.count / 2)
    }
}

/// A span or a log record with what is around it.
private struct Item {
    var resource: OTLP.Resource
    let resourceURL: String
    let scope: OTLP.Scope
    let scopeURL: String
    var attributes: [OTLP.KeyValue]
    /// The item without its attributes.
    let rest: [UInt8]

    static func all(of message: OracleMessage) throws -> [Item] {
        var items: [Item] = []
        for resource in (message.message as? OTLP.TracesData)?.resourceSpans ?? [] {
            for scope in resource.scopeSpans {
                for var span in scope.spans {
                    let attributes = span.attributes
                    span.attributes = []
                    items.append(
                        Item(
                            resource: resource.resource, resourceURL: resource.schemaURL, scope: scope.scope,
                            scopeURL: scope.schemaURL, attributes: attributes, rest: try span.wireForm))
                }
            }
        }
        for resource in (message.message as? OTLP.LogsData)?.resourceLogs ?? [] {
            for scope in resource.scopeLogs {
                for var record in scope.logRecords {
                    let attributes = record.attributes
                    record.attributes = []
                    items.append(
                        Item(
                            resource: resource.resource, resourceURL: resource.schemaURL, scope: scope.scope,
                            scopeURL: scope.schemaURL, attributes: attributes, rest: try record.wireForm))
                }
            }
        }
        return items
    }

    /// The item itself, with its attributes.
    var content: [[UInt8]] { get throws { [rest] + (try attributes.map { try $0.wireForm }) } }
}

/// A resource with scopes and their items, in order.
///
/// They are compared in wire form: as objects, values that are no numbers are not equal to themselves.
private struct Group: Equatable {
    struct Scope: Equatable {
        let header: OTLP.Scope
        let url: String
        var items: [[[UInt8]]]

        static func == (left: Self, right: Self) -> Bool {
            (try? left.header.wireForm) == (try? right.header.wireForm) && left.url == right.url
                && left.items == right.items
        }
    }

    let resource: OTLP.Resource
    let url: String
    var scopes: [Scope]

    static func == (left: Self, right: Self) -> Bool {
        (try? left.resource.wireForm) == (try? right.resource.wireForm) && left.url == right.url
            && left.scopes == right.scopes
    }

    /// The groups that items come to: each resource, and each scope in it, where it first occurs.
    static func all(of items: [Item]) throws -> [Group] {
        var groups: [Group] = []
        for item in items {
            let (resource, scope) = (
                try item.resource.attributes.identity, try item.scope.attributes.identity
            )
            var place = try groups.firstIndex {
                try $0.url == item.resourceURL && $0.resource.attributes.identity == resource
            }
            if place == nil {
                place = groups.count
                groups.append(Group(resource: item.resource, url: item.resourceURL, scopes: []))
            }
            guard let place else { continue }
            var inner = try groups[place].scopes.firstIndex {
                try $0.url == item.scopeURL && $0.header.name == item.scope.name
                    && $0.header.version == item.scope.version && $0.header.attributes.identity == scope
            }
            if inner == nil {
                inner = groups[place].scopes.count
                groups[place].scopes.append(Scope(header: item.scope, url: item.scopeURL, items: []))
            }
            guard let inner else { continue }
            groups[place].scopes[inner].items.append(try item.content)
        }
        return groups
    }

    /// The groups as they stand in a message, without those that have no items.
    static func present(in message: OracleMessage) throws -> [Group] {
        var groups: [Group] = []
        for resource in (message.message as? OTLP.TracesData)?.resourceSpans ?? [] {
            var group = Group(resource: resource.resource, url: resource.schemaURL, scopes: [])
            for scope in resource.scopeSpans where !scope.spans.isEmpty {
                let part = OTLP.TracesData.with {
                    $0.resourceSpans = [.with { $0.scopeSpans = [scope] }]
                }
                let items = try Item.all(of: OracleMessage(signal: .traces, message: part))
                group.scopes.append(
                    Scope(header: scope.scope, url: scope.schemaURL, items: try items.map { try $0.content }))
            }
            if !group.scopes.isEmpty { groups.append(group) }
        }
        for resource in (message.message as? OTLP.LogsData)?.resourceLogs ?? [] {
            var group = Group(resource: resource.resource, url: resource.schemaURL, scopes: [])
            for scope in resource.scopeLogs where !scope.logRecords.isEmpty {
                let part = OTLP.LogsData.with { $0.resourceLogs = [.with { $0.scopeLogs = [scope] }] }
                let items = try Item.all(of: OracleMessage(signal: .logs, message: part))
                group.scopes.append(
                    Scope(header: scope.scope, url: scope.schemaURL, items: try items.map { try $0.content }))
            }
            if !group.scopes.isEmpty { groups.append(group) }
        }
        return groups
    }
}

extension [OTLP.KeyValue] {
    /// What makes lists of attributes alike: the first value of each key, in any order.
    fileprivate var identity: [String: [UInt8]] {
        get throws {
            try Dictionary(map { ($0.key, try $0.value.wireForm) }) { first, _ in first }
        }
    }
}

extension OTLP.AnyValue {
    /// Whether it is an index of a string, which only profiles have.
    fileprivate var isIndex: Bool {
        if case .stringValueStrindex = value { true } else { false }
    }
}
