import Foundation
import Settings
import Testing

@testable import AdminAPI
@testable import HTTPAPI

/// The description, the program and what the program serves are the same.
@Suite struct DescriptionTests {
    private static let file: URL = {
        var directory = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while !FileManager.default.fileExists(atPath: directory.appending(path: "openapi").path),
            directory.pathComponents.count > 1
        {
            directory.deleteLastPathComponent()
        }
        return directory.appending(path: "openapi/admin.yaml")
    }()

    private func description() throws -> Tree {
        let source = ConfigurationSource(.file, "openapi/admin.yaml")
        return try Tree(yaml: String(contentsOf: Self.file, encoding: .utf8), source: source)
    }

    @Test func `the program has the description as it is in the file; make openapi renews it`() throws {
        #expect(try String(contentsOf: Self.file, encoding: .utf8) == OpenAPIDocument.text)
    }

    @Test func `every route is described and everything described is a route, with its role and name`() throws
    {
        var described: Set<String> = []
        for path in try #require(description()["paths"]?.table) {
            for method in path.value.table ?? [] {
                let id = method.value["operationId"]?.text ?? "?"
                let role = method.value["x-role"]?.text ?? "?"
                described.insert("\(method.key.uppercased()) \(path.key) \(id) \(role)")
            }
        }
        let routes = Set(
            AdminRoutes.all.map { "\($0.method) \($0.template) \($0.id) \($0.right?.rawValue ?? "none")" })
        #expect(described == routes)
        #expect(routes.count == AdminRoutes.all.count)
    }

    @Test func `bodies are described with the types that are taken`() throws {
        let paths = try #require(description()["paths"])
        for route in AdminRoutes.all {
            let operation = paths[route.template]?[route.method.lowercased()]
            let types = operation?["requestBody"]?["content"]?.table?.map(\.key) ?? []
            #expect(Set(types) == Set(route.body.types), "\(route.id)")
        }
    }

    @Test func `every reference leads somewhere and every answer of a change says who may not`() throws {
        let document = try description()
        for reference in references(in: document) {
            let path = try #require(JSONPointer.path(of: String(reference.dropFirst())))
            #expect(document[path] != nil, "\(reference)")
        }
        for path in document["paths"]?.table ?? [] {
            for operation in path.value.table ?? [] where operation.value["x-role"]?.text != "none" {
                let answers = Set(operation.value["responses"]?.table?.map(\.key) ?? [])
                #expect(answers.isSuperset(of: ["400", "401", "403", "429", "503"]))
            }
        }
    }

    @Test func `both forms are served to everybody`() async throws {
        try await TestAPI.with { api async throws in
            let yaml = try await api.sendTCP("GET", "/openapi.yaml")
            #expect(yaml.status == 200)
            #expect(yaml.text == OpenAPIDocument.text)
            let json = try await api.sendTCP("GET", "/openapi.json")
            #expect(json.status == 200)
            #expect(json.tree?["openapi"] == .text("3.1.0"))
            #expect(json.tree == (try description()))
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
