import Foundation
import HTTPAPI
import Settings
import Testing

@testable import Fleet
@testable import FleetAPI

/// `openapi/fleet.yaml` and the table of routes are the same thing, said twice.
@Suite struct DescriptionTests {
    private static let file: URL = {
        var directory = URL(filePath: #filePath).deletingLastPathComponent()
        while !FileManager.default.fileExists(atPath: directory.appending(path: "openapi").path),
            directory.pathComponents.count > 1
        {
            directory.deleteLastPathComponent()
        }
        return directory.appending(path: "openapi/fleet.yaml")
    }()

    private func description() throws -> Tree {
        let source = ConfigurationSource(.file, "openapi/fleet.yaml")
        return try Tree(yaml: String(contentsOf: Self.file, encoding: .utf8), source: source)
    }

    @Test func `the program has the description as it is in the file; make openapi renews it`() throws {
        #expect(try String(contentsOf: Self.file, encoding: .utf8) == FleetDescription.text)
    }

    @Test func `every route is described and everything described is a route, with its permission`() throws {
        var described: Set<String> = []
        for path in try #require(description()["paths"]?.table) {
            for method in path.value.table ?? [] {
                let id = method.value["operationId"]?.text ?? "?"
                let permission = method.value["x-permission"]?.text ?? "?"
                described.insert("\(method.key.uppercased()) \(path.key) \(id) \(permission)")
            }
        }
        let routes = Set(
            FleetRoutes.all.map { route in
                "\(route.method) \(route.template) \(route.id) \(route.right?.description ?? "none")"
            })
        #expect(described.subtracting(routes).isEmpty)
        #expect(routes.subtracting(described).isEmpty)
        #expect(routes.count == FleetRoutes.all.count)
    }

    @Test func `a route needs one permission`() {
        for route in FleetRoutes.all {
            #expect((route.right?.rawValue ?? 1).nonzeroBitCount == 1, "\(route.id)")
        }
    }

    @Test func `bodies are described with the types that are taken`() throws {
        let paths = try #require(description()["paths"])
        for route in FleetRoutes.all {
            let operation = paths[route.template]?[route.method.lowercased()]
            let types = operation?["requestBody"]?["content"]?.table?.map(\.key) ?? []
            #expect(Set(types) == Set(route.body.types), "\(route.id)")
        }
    }

    @Test func `every reference leads somewhere and every operation says who may not`() throws {
        let document = try description()
        for reference in references(in: document) {
            let path = try #require(JSONPointer.path(of: String(reference.dropFirst())))
            #expect(document[path] != nil, "\(reference)")
        }
        for path in document["paths"]?.table ?? [] {
            for operation in path.value.table ?? [] where operation.value["x-permission"]?.text != "none" {
                let answers = Set(operation.value["responses"]?.table?.map(\.key) ?? [])
                #expect(answers.isSuperset(of: ["400", "401", "403", "429", "503"]))
            }
        }
    }

    @Test func `both forms are served to everybody`() async throws {
        try await TestFleet.with { fleet async throws in
            let yaml = try await fleet.sendUnknown("GET", "/openapi.yaml")
            #expect(yaml.text == FleetDescription.text)
            let json = try await fleet.sendUnknown("GET", "/openapi.json")
            #expect(json.tree == (try description()))
            #expect(try await fleet.sendUnknown("GET", "/livez").text == "ok\n")
            #expect(try await fleet.sendUnknown("GET", "/readyz").text == "ok\n")
        }
    }

    private func references(in tree: Tree) -> [String] {
        switch tree.content {
        case .scalar: return []
        case .list(let elements): return elements.flatMap(references)
        case .table(let entries):
            return entries.flatMap { entry in
                entry.key == "$ref" ? [entry.value.text ?? ""] : references(in: entry.value)
            }
        }
    }
}
