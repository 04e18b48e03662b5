internal import Pipeline
internal import Transport
internal import Wire

/// Answers each page with what is true at the moment it is asked for.
struct ZPagesApplication: ServerApplication {
    let clock: any PipelineClock
    /// Name and version of the program.
    let program: String
    let health: @Sendable () -> CollectorHealth

    private enum Page: String, CaseIterable {
        case servicez, pipelinez, extensionz, featurez, tracez

        var path: String { "/debug/\(rawValue)" }
    }

    private static let index: Set<String> = ["/", "/debug", "/debug/"]

    func admit(_ head: ServerRequestHead) -> Admission {
        guard Self.index.contains(head.path) || page(at: head.path) != nil else {
            let paths = Page.allCases.map { $0.path }.joined(separator: ", ")
            return .refuse(.text(404, "there is no such page; there are: \(paths)"))
        }
        guard head.method == "GET" || head.method == "HEAD" else {
            var response = ServerResponse.text(405, "pages are for reading")
            response.fields.add("allow", "GET, HEAD")
            return .refuse(response)
        }
        return .accept(maxBodySize: 64 << 10)
    }

    func respond(to request: ServerRequest, with responder: Responder) {
        let query = QueryParameters(request.query)
        let html =
            switch page(at: request.path) {
            case .servicez: service(health())
            case .pipelinez: pipelines(health(), query)
            case .extensionz: extensions(health())
            case .featurez: features()
            case .tracez: traces()
            case nil: index()
            }
        responder.send(
            ServerResponse(
                status: 200,
                fields: [
                    "content-type": "text/html; charset=utf-8", "cache-control": "no-store",
                    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
                    "x-content-type-options": "nosniff",
                ], body: Bytes(utf8: html)))
    }

    private func page(at path: String) -> Page? { Page.allCases.first { $0.path == path } }

    private func index() -> String {
        var page = PlainPage(title: "Pages of the collector")
        page.table(["page"], Page.allCases.map { [.link($0.rawValue, $0.path)] })
        return page.html
    }

    private func service(_ health: CollectorHealth) -> String {
        var page = PlainPage(title: "Service")
        let uptime = health.uptime.components.seconds
        page.table(
            ["fact", "value"],
            [
                [.text("program"), .text(program)],
                [.text("started"), .text(CalendarTime(unixNanoseconds: health.startedAt).rfc3339)],
                [.text("uptime"), .text("\(uptime) s")],
                [.text("takes data"), .text(health.isReady ? "yes" : "no")],
                [.text("pipelines"), .link("\(health.pipelines.count)", Page.pipelinez.path)],
                [
                    .text("extensions"),
                    .link(
                        "\(health.components.count { $0.kind == .extension })", Page.extensionz.path),
                ],
            ])
        return page.html
    }

    private func pipelines(_ health: CollectorHealth, _ query: QueryParameters) -> String {
        let wanted = query["pipelinenamez"] ?? query["pipeline"]
        var page = PlainPage(title: "Pipelines")
        let shown = health.pipelines.filter { wanted == nil || $0.id.description == wanted }
        for pipeline in shown {
            page.heading(pipeline.id.description)
            page.table(["component", "status", "since", "error"], pipeline.components.map { row($0) })
        }
        if shown.isEmpty { page.paragraph("There is no such pipeline.") }
        return page.html
    }

    private func extensions(_ health: CollectorHealth) -> String {
        var page = PlainPage(title: "Extensions")
        page.table(
            ["extension", "status", "since", "error"],
            health.components.filter { $0.kind == .extension }.map { row($0) })
        return page.html
    }

    private func features() -> String {
        var page = PlainPage(title: "Feature gates")
        page.paragraph("This collector has no feature gates: what it can do is always on.")
        return page.html
    }

    private func traces() -> String {
        var page = PlainPage(title: "Traces")
        page.paragraph("This collector does not trace itself.")
        page.paragraph("To see the telemetry that passes, tap an outlet with the admin API.")
        return page.html
    }

    private func row(_ component: ComponentHealth) -> [PlainPage.Cell] {
        [
            .text("\(component.kind.rawValue) \(component.id)"), .text(component.status.name),
            .text(CalendarTime(unixNanoseconds: component.since).rfc3339),
            .text(component.status.error ?? ""),
        ]
    }
}
