internal import Settings

/// The description of the API by itself.
enum DescriptionRoutes {
    static let all: [AdminRoute] = [
        AdminRoute("getOpenAPIAsJSON", "GET", "/openapi.json", nil, json),
        AdminRoute("getOpenAPIAsYAML", "GET", "/openapi.yaml", nil, yaml),
    ]

    static func json(_ call: AdminCall) async throws(AdminProblem) -> AdminReply {
        do throws(InvalidSettings) {
            let source = ConfigurationSource(.builtIn, "openapi/admin.yaml")
            return .tree(try Tree(yaml: OpenAPIDocument.text, source: source))
        } catch {
            throw AdminProblem(500, "description", "The description cannot be read", "\(error)")
        }
    }

    static func yaml(_ call: AdminCall) async throws(AdminProblem) -> AdminReply {
        AdminReply(.text(OpenAPIDocument.text, type: "application/yaml"))
    }
}
