internal import HTTPAPI

/// Every operation of the API; `openapi/admin.yaml` describes the same ones, which a test compares.
enum AdminRoutes {
    static let all: [AdminRoute] =
        ConfigurationRoutes.all + PartRoutes.all + ChangeRoutes.all + RevisionRoutes.all
        + InspectionRoutes.all + EventRoutes.all + LogLevelRoutes.all + LogRecordRoutes.all
        + DeadLetterRoutes.all + TapRoutes.all + DropRoutes.all
        + OperationRoutes.all(look: .read, cancel: .configure) + ProcessRoutes.all
        + DescriptionRoutes.all(OpenAPIDocument.text, file: "openapi/admin.yaml")
}
