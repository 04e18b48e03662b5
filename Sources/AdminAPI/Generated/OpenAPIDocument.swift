/// The description of the API; `make openapi` makes this file of `openapi/admin.yaml`.
enum OpenAPIDocument {
    static let text = #"""
        # The admin API of Apus. `make openapi` puts this file into the program after a change.
        openapi: 3.1.0
        info:
          title: Apus admin API
          version: '1'
          description: |-
            The control plane of one collector: look at it, change it, go back. It listens on a unix socket and on localhost:4319 (`apus run --admin`).

            Who asks: the user who runs the collector, and root, may do everything over the unix socket; everybody else sends a bearer token (`apus token create --role read|operate|configure`) or shows a client certificate. Roles include those before them; `x-role` is the least role for an operation.

            Changes of the configuration need If-Match with the ETag of what they change. With `dry_run=true` nothing changes and the answer says what would. A change that takes longer than 2 s is answered with 202 and an operation. With `confirm_within` the collector goes back by itself unless the change is confirmed.

            Ids of components and pipelines may contain `/`; in paths they are one segment, percent-encoded: `/v1/config/components/exporter/otlp%2Fbackup`. HEAD is possible wherever GET is.

            Unknown query parameters are ignored. Errors are `application/problem+json` (RFC 9457). Every answer has `x-request-id`, which the client may choose.
        servers:
        - url: http://localhost:4319
        security:
        - bearer: []
        - certificate: []
        - unix: []
        tags:
        - name: config
          description: 'The configuration: look, check, plan, change, confirm, go back.'
        - name: components
          description: What can be configured and what runs.
        - name: events
          description: What has happened.
        - name: log
          description: How much is written to the log, and what components wrote last.
        - name: telemetry
          description: Telemetry as it passes, and where it did not arrive.
        - name: dead-letters
          description: What backends refused for good.
        - name: operations
          description: Changes that take their time.
        - name: process
          description: The process itself.
        - name: description
          description: This description.
        paths:
          /v1/config:
            get:
              operationId: getConfig
              summary: The whole configuration
              description: '`raw` and `effective` answer the configuration itself, in JSON or (Accept: application/yaml)
                YAML; `origin` answers a list of values and where each was written, in pages.'
              tags:
              - config
              x-role: read
              parameters:
              - $ref: '#/components/parameters/ConfigView'
              - $ref: '#/components/parameters/PageSize'
              - $ref: '#/components/parameters/PageToken'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                    application/yaml:
                      schema:
                        type: object
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
            put:
              operationId: putConfig
              summary: Replace the whole configuration
              tags:
              - config
              x-role: configure
              parameters:
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/ConfirmWithin'
              - $ref: '#/components/parameters/Reason'
              - $ref: '#/components/parameters/ExpectDrop'
              - $ref: '#/components/parameters/IfMatch'
              - $ref: '#/components/parameters/IfNoneMatch'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/Configuration'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/Configuration'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/Configuration'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/Configuration'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/Configuration'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        anyOf:
                        - $ref: '#/components/schemas/AppliedChange'
                        - $ref: '#/components/schemas/Plan'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '412':
                  $ref: '#/components/responses/PreconditionFailed'
                '413':
                  $ref: '#/components/responses/TooLarge'
                '415':
                  $ref: '#/components/responses/UnsupportedMediaType'
                '422':
                  $ref: '#/components/responses/Invalid'
                '428':
                  $ref: '#/components/responses/PreconditionRequired'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
            patch:
              operationId: patchConfig
              summary: Patch the configuration
              tags:
              - config
              x-role: configure
              parameters:
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/ConfirmWithin'
              - $ref: '#/components/parameters/Reason'
              - $ref: '#/components/parameters/ExpectDrop'
              - $ref: '#/components/parameters/IfMatch'
              requestBody:
                required: true
                content:
                  application/merge-patch+json:
                    schema:
                      $ref: '#/components/schemas/MergePatch'
                  application/json-patch+json:
                    schema:
                      $ref: '#/components/schemas/JSONPatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        anyOf:
                        - $ref: '#/components/schemas/AppliedChange'
                        - $ref: '#/components/schemas/Plan'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '412':
                  $ref: '#/components/responses/PreconditionFailed'
                '413':
                  $ref: '#/components/responses/TooLarge'
                '415':
                  $ref: '#/components/responses/UnsupportedMediaType'
                '422':
                  $ref: '#/components/responses/Invalid'
                '428':
                  $ref: '#/components/responses/PreconditionRequired'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/config/state:
            get:
              operationId: getConfigState
              summary: What is active, confirmed, waiting and what failed last
              tags:
              - config
              x-role: read
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/ConfigurationState'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/config/components/{kind}/{id}:
            get:
              operationId: getConfigComponent
              summary: One component of the configuration
              tags:
              - config
              x-role: read
              parameters:
              - $ref: '#/components/parameters/Kind'
              - $ref: '#/components/parameters/ComponentID'
              - $ref: '#/components/parameters/View'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/ComponentConfiguration'
                    application/yaml:
                      schema:
                        $ref: '#/components/schemas/ComponentConfiguration'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
            put:
              operationId: putConfigComponent
              summary: Add or replace one component
              tags:
              - config
              x-role: configure
              parameters:
              - $ref: '#/components/parameters/Kind'
              - $ref: '#/components/parameters/ComponentID'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/ConfirmWithin'
              - $ref: '#/components/parameters/Reason'
              - $ref: '#/components/parameters/ExpectDrop'
              - $ref: '#/components/parameters/IfMatch'
              - $ref: '#/components/parameters/IfNoneMatch'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/ComponentConfiguration'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/ComponentConfiguration'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/ComponentConfiguration'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/ComponentConfiguration'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/ComponentConfiguration'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        anyOf:
                        - $ref: '#/components/schemas/AppliedChange'
                        - $ref: '#/components/schemas/Plan'
                '201':
                  description: It was made anew.
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/AppliedChange'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '412':
                  $ref: '#/components/responses/PreconditionFailed'
                '413':
                  $ref: '#/components/responses/TooLarge'
                '415':
                  $ref: '#/components/responses/UnsupportedMediaType'
                '422':
                  $ref: '#/components/responses/Invalid'
                '428':
                  $ref: '#/components/responses/PreconditionRequired'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
            patch:
              operationId: patchConfigComponent
              summary: Patch one component
              tags:
              - config
              x-role: configure
              parameters:
              - $ref: '#/components/parameters/Kind'
              - $ref: '#/components/parameters/ComponentID'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/ConfirmWithin'
              - $ref: '#/components/parameters/Reason'
              - $ref: '#/components/parameters/ExpectDrop'
              - $ref: '#/components/parameters/IfMatch'
              requestBody:
                required: true
                content:
                  application/merge-patch+json:
                    schema:
                      $ref: '#/components/schemas/MergePatch'
                  application/json-patch+json:
                    schema:
                      $ref: '#/components/schemas/JSONPatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        anyOf:
                        - $ref: '#/components/schemas/AppliedChange'
                        - $ref: '#/components/schemas/Plan'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '412':
                  $ref: '#/components/responses/PreconditionFailed'
                '413':
                  $ref: '#/components/responses/TooLarge'
                '415':
                  $ref: '#/components/responses/UnsupportedMediaType'
                '422':
                  $ref: '#/components/responses/Invalid'
                '428':
                  $ref: '#/components/responses/PreconditionRequired'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
            delete:
              operationId: deleteConfigComponent
              summary: Remove one component
              tags:
              - config
              x-role: configure
              parameters:
              - $ref: '#/components/parameters/Kind'
              - $ref: '#/components/parameters/ComponentID'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/ConfirmWithin'
              - $ref: '#/components/parameters/Reason'
              - $ref: '#/components/parameters/ExpectDrop'
              - $ref: '#/components/parameters/IfMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        anyOf:
                        - $ref: '#/components/schemas/AppliedChange'
                        - $ref: '#/components/schemas/Plan'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '412':
                  $ref: '#/components/responses/PreconditionFailed'
                '422':
                  $ref: '#/components/responses/Invalid'
                '428':
                  $ref: '#/components/responses/PreconditionRequired'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/config/pipelines/{id}:
            get:
              operationId: getConfigPipeline
              summary: One pipeline of the configuration
              tags:
              - config
              x-role: read
              parameters:
              - $ref: '#/components/parameters/PipelineID'
              - $ref: '#/components/parameters/View'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/PipelineConfiguration'
                    application/yaml:
                      schema:
                        $ref: '#/components/schemas/PipelineConfiguration'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
            put:
              operationId: putConfigPipeline
              summary: Add or replace one pipeline
              tags:
              - config
              x-role: configure
              parameters:
              - $ref: '#/components/parameters/PipelineID'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/ConfirmWithin'
              - $ref: '#/components/parameters/Reason'
              - $ref: '#/components/parameters/ExpectDrop'
              - $ref: '#/components/parameters/IfMatch'
              - $ref: '#/components/parameters/IfNoneMatch'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/PipelineConfiguration'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/PipelineConfiguration'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/PipelineConfiguration'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/PipelineConfiguration'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/PipelineConfiguration'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        anyOf:
                        - $ref: '#/components/schemas/AppliedChange'
                        - $ref: '#/components/schemas/Plan'
                '201':
                  description: It was made anew.
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/AppliedChange'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '412':
                  $ref: '#/components/responses/PreconditionFailed'
                '413':
                  $ref: '#/components/responses/TooLarge'
                '415':
                  $ref: '#/components/responses/UnsupportedMediaType'
                '422':
                  $ref: '#/components/responses/Invalid'
                '428':
                  $ref: '#/components/responses/PreconditionRequired'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
            patch:
              operationId: patchConfigPipeline
              summary: Patch one pipeline
              tags:
              - config
              x-role: configure
              parameters:
              - $ref: '#/components/parameters/PipelineID'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/ConfirmWithin'
              - $ref: '#/components/parameters/Reason'
              - $ref: '#/components/parameters/ExpectDrop'
              - $ref: '#/components/parameters/IfMatch'
              requestBody:
                required: true
                content:
                  application/merge-patch+json:
                    schema:
                      $ref: '#/components/schemas/MergePatch'
                  application/json-patch+json:
                    schema:
                      $ref: '#/components/schemas/JSONPatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        anyOf:
                        - $ref: '#/components/schemas/AppliedChange'
                        - $ref: '#/components/schemas/Plan'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '412':
                  $ref: '#/components/responses/PreconditionFailed'
                '413':
                  $ref: '#/components/responses/TooLarge'
                '415':
                  $ref: '#/components/responses/UnsupportedMediaType'
                '422':
                  $ref: '#/components/responses/Invalid'
                '428':
                  $ref: '#/components/responses/PreconditionRequired'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
            delete:
              operationId: deleteConfigPipeline
              summary: Remove one pipeline
              tags:
              - config
              x-role: configure
              parameters:
              - $ref: '#/components/parameters/PipelineID'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/ConfirmWithin'
              - $ref: '#/components/parameters/Reason'
              - $ref: '#/components/parameters/ExpectDrop'
              - $ref: '#/components/parameters/IfMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        anyOf:
                        - $ref: '#/components/schemas/AppliedChange'
                        - $ref: '#/components/schemas/Plan'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '412':
                  $ref: '#/components/responses/PreconditionFailed'
                '422':
                  $ref: '#/components/responses/Invalid'
                '428':
                  $ref: '#/components/responses/PreconditionRequired'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/config/pipelines:
            get:
              operationId: listConfigPipelines
              summary: The pipelines of the configuration
              tags:
              - config
              x-role: read
              parameters:
              - $ref: '#/components/parameters/PageSize'
              - $ref: '#/components/parameters/PageToken'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                        properties:
                          pipelines:
                            type: array
                            items:
                              type: object
                              properties:
                                id:
                                  type: string
                                config:
                                  $ref: '#/components/schemas/PipelineConfiguration'
                              required:
                              - id
                              - config
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - pipelines
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/config:validate:
            post:
              operationId: validateConfig
              summary: Check a change
              description: Never has a side effect. The body is a whole configuration, or a patch of the active one.
              tags:
              - config
              x-role: read
              parameters:
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/Configuration'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/Configuration'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/Configuration'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/Configuration'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/Configuration'
                  application/merge-patch+json:
                    schema:
                      $ref: '#/components/schemas/MergePatch'
                  application/json-patch+json:
                    schema:
                      $ref: '#/components/schemas/JSONPatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/ValidationReport'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '409':
                  $ref: '#/components/responses/Conflict'
                '413':
                  $ref: '#/components/responses/TooLarge'
                '415':
                  $ref: '#/components/responses/UnsupportedMediaType'
                '422':
                  $ref: '#/components/responses/Invalid'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/config:plan:
            post:
              operationId: planConfig
              summary: What a change would do
              tags:
              - config
              x-role: read
              parameters:
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/Configuration'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/Configuration'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/Configuration'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/Configuration'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/Configuration'
                  application/merge-patch+json:
                    schema:
                      $ref: '#/components/schemas/MergePatch'
                  application/json-patch+json:
                    schema:
                      $ref: '#/components/schemas/JSONPatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Plan'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '413':
                  $ref: '#/components/responses/TooLarge'
                '415':
                  $ref: '#/components/responses/UnsupportedMediaType'
                '422':
                  $ref: '#/components/responses/Invalid'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/config:transaction:
            post:
              operationId: changeConfig
              summary: Make several changes at once
              tags:
              - config
              x-role: configure
              parameters:
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/ConfirmWithin'
              - $ref: '#/components/parameters/Reason'
              - $ref: '#/components/parameters/ExpectDrop'
              - $ref: '#/components/parameters/IfMatch'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/Transaction'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/Transaction'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/Transaction'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/Transaction'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/Transaction'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        anyOf:
                        - $ref: '#/components/schemas/AppliedChange'
                        - $ref: '#/components/schemas/Plan'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '412':
                  $ref: '#/components/responses/PreconditionFailed'
                '413':
                  $ref: '#/components/responses/TooLarge'
                '415':
                  $ref: '#/components/responses/UnsupportedMediaType'
                '422':
                  $ref: '#/components/responses/Invalid'
                '428':
                  $ref: '#/components/responses/PreconditionRequired'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/config:confirm:
            post:
              operationId: confirmConfig
              summary: Confirm the active revision
              tags:
              - config
              x-role: configure
              parameters:
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/Confirmation'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/Confirmation'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/Confirmation'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/Confirmation'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/Confirmation'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/ConfigurationState'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '413':
                  $ref: '#/components/responses/TooLarge'
                '415':
                  $ref: '#/components/responses/UnsupportedMediaType'
                '422':
                  $ref: '#/components/responses/Invalid'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/config:rollback:
            post:
              operationId: rollBackConfig
              summary: Go back to an earlier revision
              tags:
              - config
              x-role: configure
              parameters:
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: false
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/Rollback'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/Rollback'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/Rollback'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/Rollback'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/Rollback'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        anyOf:
                        - $ref: '#/components/schemas/AppliedChange'
                        - $ref: '#/components/schemas/Plan'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '413':
                  $ref: '#/components/responses/TooLarge'
                '415':
                  $ref: '#/components/responses/UnsupportedMediaType'
                '422':
                  $ref: '#/components/responses/Invalid'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/config:reload:
            post:
              operationId: reloadConfig
              summary: Read the sources of the command line again
              tags:
              - config
              x-role: configure
              parameters:
              - $ref: '#/components/parameters/IdempotencyKey'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/AppliedChange'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '422':
                  $ref: '#/components/responses/Invalid'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/config/revisions:
            get:
              operationId: listRevisions
              summary: The revisions that are kept, newest first
              tags:
              - config
              x-role: read
              parameters:
              - $ref: '#/components/parameters/PageSize'
              - $ref: '#/components/parameters/PageToken'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                        properties:
                          revisions:
                            type: array
                            items:
                              $ref: '#/components/schemas/Revision'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - revisions
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/config/revisions/{id}:
            get:
              operationId: getRevision
              summary: One revision and its document
              tags:
              - config
              x-role: read
              parameters:
              - $ref: '#/components/parameters/RevisionID'
              - $ref: '#/components/parameters/View'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                        properties:
                          revision:
                            $ref: '#/components/schemas/Revision'
                          config:
                            $ref: '#/components/schemas/Configuration'
                        required:
                        - revision
                        - config
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/config/revisions/{id}/diff:
            get:
              operationId: diffRevisions
              summary: What differs between two revisions
              tags:
              - config
              x-role: read
              parameters:
              - $ref: '#/components/parameters/RevisionID'
              - $ref: '#/components/parameters/To'
              - $ref: '#/components/parameters/View'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                        properties:
                          from:
                            type: string
                          to:
                            type: string
                          differences:
                            type: array
                            items:
                              $ref: '#/components/schemas/Difference'
                        required:
                        - from
                        - to
                        - differences
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/components/available:
            get:
              operationId: listAvailableComponents
              summary: The components of this build
              tags:
              - components
              x-role: read
              parameters:
              - $ref: '#/components/parameters/PageSize'
              - $ref: '#/components/parameters/PageToken'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                        properties:
                          components:
                            type: array
                            items:
                              $ref: '#/components/schemas/AvailableComponent'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - components
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/components/available/{kind}/{type}:
            get:
              operationId: getComponentSchema
              summary: The JSON Schema of one component
              tags:
              - components
              x-role: read
              parameters:
              - $ref: '#/components/parameters/Kind'
              - $ref: '#/components/parameters/Type'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/schema:
            get:
              operationId: getSchema
              summary: The JSON Schema of a whole configuration
              tags:
              - components
              x-role: read
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/components:
            get:
              operationId: listComponents
              summary: The components that run, with status and counters
              tags:
              - components
              x-role: read
              parameters:
              - $ref: '#/components/parameters/ComponentKindFilter'
              - $ref: '#/components/parameters/PageSize'
              - $ref: '#/components/parameters/PageToken'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                        properties:
                          components:
                            type: array
                            items:
                              $ref: '#/components/schemas/Component'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - components
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/components/{kind}/{id}:
            get:
              operationId: getComponent
              summary: One component that runs, with the history of its status
              tags:
              - components
              x-role: read
              parameters:
              - $ref: '#/components/parameters/Kind'
              - $ref: '#/components/parameters/ComponentID'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Component'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/pipelines:
            get:
              operationId: listPipelines
              summary: The pipelines that run, with what went through them
              tags:
              - components
              x-role: read
              parameters:
              - $ref: '#/components/parameters/PageSize'
              - $ref: '#/components/parameters/PageToken'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                        properties:
                          pipelines:
                            type: array
                            items:
                              $ref: '#/components/schemas/Pipeline'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - pipelines
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/pipelines/{id}:
            get:
              operationId: getPipeline
              summary: One pipeline that runs
              tags:
              - components
              x-role: read
              parameters:
              - $ref: '#/components/parameters/PipelineID'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Pipeline'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/queues:
            get:
              operationId: listQueues
              summary: The queues before exporters
              tags:
              - components
              x-role: read
              parameters:
              - $ref: '#/components/parameters/PageSize'
              - $ref: '#/components/parameters/PageToken'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                        properties:
                          queues:
                            type: array
                            items:
                              $ref: '#/components/schemas/Queue'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - queues
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/events:
            get:
              operationId: listEvents
              summary: What has happened
              description: 'With `Accept: text/event-stream` a stream that goes on: each event has its id, a comment comes
                every 15 s, and Last-Event-ID resumes. A client that is too slow is let go and resumes.'
              tags:
              - events
              x-role: read
              parameters:
              - $ref: '#/components/parameters/EventKind'
              - $ref: '#/components/parameters/LastEventID'
              - $ref: '#/components/parameters/After'
              - $ref: '#/components/parameters/PageSize'
              - $ref: '#/components/parameters/PageToken'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                        properties:
                          events:
                            type: array
                            items:
                              $ref: '#/components/schemas/Event'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - events
                    text/event-stream:
                      schema:
                        type: string
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '410':
                  $ref: '#/components/responses/Gone'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/tap:
            get:
              operationId: tapPipeline
              summary: Telemetry as it passes
              description: 'A stream of events `telemetry` with OTLP/JSON on one line, and at the end an event `end` with
                the reason (limit, time or closed) and how many items were shown, seen and skipped. Values of attributes
                whose names sound like a secret are hidden. Looking is audited. It follows the pipeline through changes of
                the configuration and slows nothing down: what is not read in time is skipped.'
              tags:
              - telemetry
              x-role: operate
              parameters:
              - $ref: '#/components/parameters/TapPipeline'
              - $ref: '#/components/parameters/TapPlace'
              - $ref: '#/components/parameters/TapFilter'
              - $ref: '#/components/parameters/TapSample'
              - $ref: '#/components/parameters/TapRate'
              - $ref: '#/components/parameters/TapLimit'
              - $ref: '#/components/parameters/TapTime'
              responses:
                '200':
                  description: OK
                  content:
                    text/event-stream:
                      schema:
                        type: string
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '406':
                  $ref: '#/components/responses/NotAcceptable'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/drops:
            get:
              operationId: listDrops
              summary: Why telemetry did not get where it was meant to go
              description: The last examples for each component, pipeline and place; values of attributes whose names sound
                like a secret are hidden.
              tags:
              - telemetry
              x-role: operate
              parameters:
              - $ref: '#/components/parameters/DropPlace'
              - $ref: '#/components/parameters/PageSize'
              - $ref: '#/components/parameters/PageToken'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                        properties:
                          drops:
                            type: array
                            items:
                              $ref: '#/components/schemas/DropGroup'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - drops
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/log-records/{kind}/{id}:
            get:
              operationId: listLogRecords
              summary: What a component wrote to the log last
              description: 'The newest 256 records of each component, up to 64 KiB, of 128 components; messages end after 8 KiB,
                values of fields after 1 KiB. Records are there from the level on that the component logs with. Whoever wants to
                follow asks again with `after`; an answer whose `last` is smaller is from a collector that has begun again.
                What sounds like a secret is hidden.'
              tags:
              - log
              x-role: operate
              parameters:
              - $ref: '#/components/parameters/Kind'
              - $ref: '#/components/parameters/ComponentID'
              - $ref: '#/components/parameters/LogLevelFilter'
              - $ref: '#/components/parameters/After'
              - $ref: '#/components/parameters/PageSize'
              - $ref: '#/components/parameters/PageToken'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                        properties:
                          records:
                            type: array
                            items:
                              $ref: '#/components/schemas/LogRecord'
                          last:
                            type: integer
                            minimum: 0
                            description: The id of the newest record of the component, whether it is in the answer or not; 0
                              without any.
                          forgotten:
                            type: integer
                            minimum: 0
                            description: How many records of the component had to make room for newer ones.
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - records
                        - last
                        - forgotten
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/log-levels:
            get:
              operationId: getLogLevels
              summary: The levels of the log
              tags:
              - log
              x-role: read
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/LogLevels'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
            put:
              operationId: putLogLevel
              summary: Set the standard level until the next start
              tags:
              - log
              x-role: operate
              parameters:
              - $ref: '#/components/parameters/DryRun'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/LogLevel'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/LogLevel'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/LogLevel'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/LogLevel'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/LogLevel'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/LogLevels'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '413':
                  $ref: '#/components/responses/TooLarge'
                '415':
                  $ref: '#/components/responses/UnsupportedMediaType'
                '422':
                  $ref: '#/components/responses/Invalid'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/log-levels/{id}:
            put:
              operationId: putComponentLogLevel
              summary: Set the level of one component until the next start
              tags:
              - log
              x-role: operate
              parameters:
              - $ref: '#/components/parameters/ComponentID'
              - $ref: '#/components/parameters/DryRun'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/LogLevel'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/LogLevel'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/LogLevel'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/LogLevel'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/LogLevel'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/LogLevels'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '413':
                  $ref: '#/components/responses/TooLarge'
                '415':
                  $ref: '#/components/responses/UnsupportedMediaType'
                '422':
                  $ref: '#/components/responses/Invalid'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
            delete:
              operationId: deleteComponentLogLevel
              summary: Let a component have the standard level again
              tags:
              - log
              x-role: operate
              parameters:
              - $ref: '#/components/parameters/ComponentID'
              - $ref: '#/components/parameters/DryRun'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/LogLevels'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/dead-letters:
            get:
              operationId: listDeadLetters
              summary: The dead letters
              tags:
              - dead-letters
              x-role: read
              parameters:
              - $ref: '#/components/parameters/ExporterFilter'
              - $ref: '#/components/parameters/PageSize'
              - $ref: '#/components/parameters/PageToken'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                        properties:
                          dead_letters:
                            type: array
                            items:
                              $ref: '#/components/schemas/DeadLetter'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - dead_letters
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '500':
                  $ref: '#/components/responses/Failed'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/dead-letters/{id}:
            get:
              operationId: getDeadLetter
              summary: One dead letter
              tags:
              - dead-letters
              x-role: read
              parameters:
              - $ref: '#/components/parameters/DeadLetterID'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/DeadLetter'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '500':
                  $ref: '#/components/responses/Failed'
                '503':
                  $ref: '#/components/responses/Busy'
            delete:
              operationId: discardDeadLetter
              summary: Remove a dead letter for good
              tags:
              - dead-letters
              x-role: operate
              parameters:
              - $ref: '#/components/parameters/DeadLetterID'
              - $ref: '#/components/parameters/DryRun'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/DeadLetter'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '500':
                  $ref: '#/components/responses/Failed'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/dead-letters/{id}:replay:
            post:
              operationId: replayDeadLetter
              summary: Send a dead letter once more, past the queue
              description: When the backend takes it, it is removed. With dry_run the answer is the letter.
              tags:
              - dead-letters
              x-role: operate
              parameters:
              - $ref: '#/components/parameters/DeadLetterID'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        anyOf:
                        - $ref: '#/components/schemas/Replay'
                        - $ref: '#/components/schemas/DeadLetter'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '422':
                  $ref: '#/components/responses/Invalid'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '500':
                  $ref: '#/components/responses/Failed'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/operations:
            get:
              operationId: listOperations
              summary: The operations that are remembered, newest first
              tags:
              - operations
              x-role: read
              parameters:
              - $ref: '#/components/parameters/PageSize'
              - $ref: '#/components/parameters/PageToken'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                        properties:
                          operations:
                            type: array
                            items:
                              $ref: '#/components/schemas/Operation'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - operations
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/operations/{id}:
            get:
              operationId: getOperation
              summary: One operation
              tags:
              - operations
              x-role: read
              parameters:
              - $ref: '#/components/parameters/OperationID'
              - $ref: '#/components/parameters/Wait'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Operation'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/operations/{id}:cancel:
            post:
              operationId: cancelOperation
              summary: Ask an operation to end
              tags:
              - operations
              x-role: configure
              parameters:
              - $ref: '#/components/parameters/OperationID'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Operation'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '409':
                  $ref: '#/components/responses/Conflict'
                '422':
                  $ref: '#/components/responses/Invalid'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/whoami:
            get:
              operationId: getCaller
              summary: Who asks, and what they may do
              tags:
              - process
              x-role: read
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Caller'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/build:
            get:
              operationId: getBuild
              summary: What this program is
              tags:
              - process
              x-role: read
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Build'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/runtime:
            get:
              operationId: getRuntime
              summary: The process that answers
              tags:
              - process
              x-role: read
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Runtime'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/metrics:
            get:
              operationId: getMetrics
              summary: The collector's own metrics, for Prometheus
              tags:
              - process
              x-role: read
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    text/plain:
                      schema:
                        type: string
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/diagnostics:
            get:
              operationId: getDiagnostics
              summary: Everything about the collector in one document
              tags:
              - process
              x-role: operate
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Diagnostics'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '404':
                  $ref: '#/components/responses/NotFound'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/drain:
            post:
              operationId: drain
              summary: Accept nothing new, deliver what was accepted, and end the process
              tags:
              - process
              x-role: operate
              parameters:
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              responses:
                '200':
                  description: 'With dry_run: the process as it is.'
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Runtime'
                '202':
                  description: It has begun.
                  content:
                    application/json:
                      schema:
                        type: object
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '409':
                  $ref: '#/components/responses/Conflict'
                '422':
                  $ref: '#/components/responses/Invalid'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /openapi.json:
            get:
              operationId: getOpenAPIAsJSON
              summary: This description in JSON
              tags:
              - description
              x-role: none
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              security: []
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '500':
                  $ref: '#/components/responses/Failed'
                '503':
                  $ref: '#/components/responses/Busy'
          /openapi.yaml:
            get:
              operationId: getOpenAPIAsYAML
              summary: This description in YAML
              tags:
              - description
              x-role: none
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              security: []
              responses:
                '200':
                  description: OK
                  content:
                    application/yaml:
                      schema: {}
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '403':
                  $ref: '#/components/responses/Forbidden'
                '503':
                  $ref: '#/components/responses/Busy'
        components:
          securitySchemes:
            bearer:
              type: http
              scheme: bearer
            certificate:
              type: mutualTLS
            unix:
              type: http
              scheme: unix-peer-credentials
              description: 'Nothing is sent: the kernel tells who is at the other end of the socket.'
          parameters:
            After:
              name: after
              in: query
              description: As Last-Event-ID, for clients that cannot set fields.
              schema:
                type: string
                pattern: ^[0-9]{1,18}$
            ComponentID:
              name: id
              in: path
              required: true
              description: '`type` or `type/name`, percent-encoded as one segment: `otlp%2Fbackup`.'
              schema:
                type: string
                minLength: 1
              example: otlp/backup
            ComponentKindFilter:
              name: kind
              in: query
              schema:
                type: string
                enum:
                - receiver
                - processor
                - exporter
                - connector
                - extension
            ConfigView:
              name: view
              in: query
              schema:
                type: string
                enum:
                - raw
                - effective
                - origin
                default: raw
            ConfirmWithin:
              name: confirm_within
              in: query
              description: Go back unless the change is confirmed within this time, such as `2m`.
              schema:
                type: string
                pattern: ^[0-9]+(ms|s|m)$
            TapPipeline:
              name: pipeline
              in: query
              required: true
              description: The pipeline, such as `traces` or `logs/audit`.
              schema:
                type: string
                minLength: 1
            TapPlace:
              name: at
              in: query
              description: '`in` for what comes into the pipeline, `after:` and the id of a processor for what that hands on.'
              schema:
                type: string
                default: in
            TapFilter:
              name: filter
              in: query
              description: Shows only items with these attributes, of their own or of their resource; `name=value`, several
                with commas.
              schema:
                type: string
            TapSample:
              name: sample
              in: query
              description: The share of batches to look at.
              schema:
                type: number
                exclusiveMinimum: 0
                maximum: 1
                default: 1
            TapRate:
              name: rate
              in: query
              description: Items shown in one second.
              schema:
                type: integer
                minimum: 1
                maximum: 10000
                default: 100
            TapLimit:
              name: limit
              in: query
              description: Items shown altogether.
              schema:
                type: integer
                minimum: 1
                maximum: 100000
                default: 1000
            TapTime:
              name: for
              in: query
              description: How long the tap stays open, such as `30s`; at most `10m`.
              schema:
                type: string
                default: 1m
            DropPlace:
              name: place
              in: query
              description: Shows only what went there.
              schema:
                type: string
                enum:
                - refused
                - overflowed
                - waiting
                - batching
                - queued
                - in_flight
                - delivered
                - filtered
                - rejected
                - failed
                - expired
                - returned
                - dead_lettered
                - spilled
                - lost
            DeadLetterID:
              name: id
              in: path
              required: true
              description: Percent-encoded as one segment.
              schema:
                type: string
                minLength: 1
            DryRun:
              name: dry_run
              in: query
              description: Checks everything and changes nothing; the answer says what would happen.
              schema:
                type: boolean
                default: false
            EventKind:
              name: kind
              in: query
              schema:
                type: string
                enum:
                - component.status
                - config.applied
                - config.failed
                - config.confirmed
                - config.rolled_back
                - drain.began
                - log_level.changed
                - tap.began
                - tap.ended
                - access.denied
            ExpectDrop:
              name: expect_drop
              in: query
              description: The share of items delivered may fall because of this change.
              schema:
                type: boolean
                default: false
            ExporterFilter:
              name: exporter
              in: query
              schema:
                type: string
            IdempotencyKey:
              name: Idempotency-Key
              in: header
              description: Makes a request that is sent twice happen once; kept for 24 h.
              schema:
                type: string
                minLength: 1
                maxLength: 255
                pattern: ^[!-~]+$
            IfMatch:
              name: If-Match
              in: header
              description: The ETag that GET answered, or `*`; without it (and without If-None-Match) the answer is 428.
              schema:
                type: string
            IfNoneMatch:
              name: If-None-Match
              in: header
              description: 'An ETag that the client has: the answer is 304 if it still holds. With PUT, `*` makes sure that
                nothing is overwritten.'
              schema:
                type: string
            Kind:
              name: kind
              in: path
              required: true
              description: The kind of component, such as `exporter` (or its section, `exporters`).
              schema:
                type: string
                enum:
                - receiver
                - processor
                - exporter
                - connector
                - extension
            LogLevelFilter:
              name: level
              in: query
              description: Shows only records of this level or a more severe one.
              schema:
                type: string
                enum:
                - trace
                - debug
                - info
                - notice
                - warning
                - warn
                - error
                - critical
                - fatal
            LastEventID:
              name: Last-Event-ID
              in: header
              description: The last event that the client has.
              schema:
                type: string
                pattern: ^[0-9]{1,18}$
            OperationID:
              name: id
              in: path
              required: true
              schema:
                type: string
                minLength: 1
                pattern: ^[0-9a-f]+$
            PageSize:
              name: page_size
              in: query
              schema:
                type: integer
                minimum: 1
                maximum: 1000
                default: 100
            PageToken:
              name: page_token
              in: query
              description: The next_page_token of the page before.
              schema:
                type: string
                pattern: ^([0-9a-f]{2})*$
            PipelineID:
              name: id
              in: path
              required: true
              description: '`signal` or `signal/name`, percent-encoded as one segment: `traces%2Fbackup`.'
              schema:
                type: string
                minLength: 1
              example: traces
            Reason:
              name: reason
              in: query
              description: Why, for the audit log.
              schema:
                type: string
                maxLength: 1000
            RevisionID:
              name: id
              in: path
              required: true
              schema:
                type: string
                minLength: 1
            To:
              name: to
              in: query
              description: The revision to compare with; the active one without it.
              schema:
                type: string
            Type:
              name: type
              in: path
              required: true
              schema:
                type: string
                minLength: 1
              example: otlp
            View:
              name: view
              in: query
              description: '`raw` as it was written, `effective` with every default.'
              schema:
                type: string
                enum:
                - raw
                - effective
                default: raw
            Wait:
              name: wait
              in: query
              description: Wait up to this long for the end, at most 5m.
              schema:
                type: string
                pattern: ^[0-9]{1,2}(ms|s)$
          responses:
            Accepted:
              description: It takes longer than 2 s; ask for the operation.
              headers:
                Location:
                  schema:
                    type: string
              content:
                application/json:
                  schema:
                    $ref: '#/components/schemas/Operation'
            BadRequest:
              description: The request is not valid.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
            Busy:
              description: There is too much to do.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
            Conflict:
              description: Another change is under way, or it is not possible now.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
            Failed:
              description: It went wrong.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
            Forbidden:
              description: The role, the origin of the page, the host, or the local policy does not allow it.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
            Gone:
              description: The events after this id are forgotten.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
            NotAcceptable:
              description: The media type that is asked for is not to be had.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
            Invalid:
              description: The content has errors; `errors` has the place of each.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
            NotFound:
              description: There is no such thing.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
            NotKept:
              description: The revision could not be kept on disk.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
            NotModified:
              description: It is what If-None-Match names.
            PreconditionFailed:
              description: The resource is not the version in If-Match.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
              headers:
                ETag:
                  description: Names the version that there is; absent when there is none.
                  schema:
                    type: string
            PreconditionRequired:
              description: If-Match (or If-None-Match) is missing.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
            TooLarge:
              description: The body is larger than 8 MiB.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
            TooManyFailures:
              description: Too many failed authentications from this address.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
            Unauthenticated:
              description: It is not known who asks, or the token is not valid.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
              headers:
                WWW-Authenticate:
                  schema:
                    type: string
            UnsupportedMediaType:
              description: The type of the body is not possible here.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
          schemas:
            Configuration:
              description: 'A configuration as otelcol has it: receivers, processors, exporters, connectors, extensions,
                service. GET /v1/schema gives its JSON Schema. Secrets are shown as `***(fingerprint)`; one that is sent
                back unchanged stands for the secret it hides.'
              type: object
              additionalProperties: true
            ComponentConfiguration:
              description: The settings of one component; null is a component with nothing but defaults.
              type:
              - object
              - 'null'
              additionalProperties: true
            PipelineConfiguration:
              description: The receivers, processors and exporters of one pipeline.
              type: object
              properties:
                receivers:
                  type: array
                  items:
                    type: string
                processors:
                  type: array
                  items:
                    type: string
                exporters:
                  type: array
                  items:
                    type: string
              additionalProperties: true
            MergePatch:
              description: 'A JSON Merge Patch (RFC 7396): maps are merged, null removes a key.'
              type: object
              additionalProperties: true
            JSONPatch:
              description: 'A JSON Patch (RFC 6902): all operations are done, or none.'
              type: array
              maxItems: 10000
              items:
                type: object
                required:
                - op
                - path
                properties:
                  op:
                    type: string
                    enum:
                    - add
                    - remove
                    - replace
                    - move
                    - copy
                    - test
                  path:
                    type: string
                    pattern: ^(/([^/~]|~[01])*)*$
                  from:
                    type: string
                    pattern: ^(/([^/~]|~[01])*)*$
                  value: {}
            Origin:
              description: Who or what asked for a change.
              type: object
              properties:
                channel:
                  type: string
                  enum:
                  - command_line
                  - signal
                  - file
                  - api
                  - fleet
                  - rollback
                actor:
                  type: string
                address:
                  type: string
              required:
              - channel
              - actor
            Revision:
              description: One configuration that was tried. Its id is made of its content.
              type: object
              properties:
                id:
                  type: string
                number:
                  type: integer
                  minimum: 0
                time:
                  type: string
                  format: date-time
                status:
                  type: string
                  enum:
                  - candidate
                  - active
                  - confirmed
                  - superseded
                  - failed
                  - rolled_back
                origin:
                  $ref: '#/components/schemas/Origin'
                reason:
                  type: string
              required:
              - id
              - number
              - time
              - status
              - origin
            ConfigurationState:
              description: Where the configuration stands. `confirm_within` is the time left to confirm the active revision.
              type: object
              properties:
                active:
                  $ref: '#/components/schemas/Revision'
                confirmed:
                  $ref: '#/components/schemas/Revision'
                last_failed:
                  $ref: '#/components/schemas/Revision'
                confirm_within:
                  type: string
                  description: A duration as Go writes it, such as 1.5s or 2m0s.
              required:
              - active
            Diagnostic:
              description: Something to say about a document, with its place.
              type: object
              properties:
                pointer:
                  type: string
                  description: A JSON Pointer (RFC 6901) into the document.
                message:
                  type: string
                severity:
                  type: string
                  enum:
                  - error
                  - warning
                  - note
                line:
                  type: integer
                  minimum: 1
                column:
                  type: integer
                  minimum: 1
                source:
                  type: string
                  description: 'Where the line is: `body` is the body of the request.'
                hint:
                  type: string
              required:
              - pointer
              - message
              - severity
            Problem:
              description: Why a request cannot be done (RFC 9457).
              type: object
              properties:
                type:
                  type: string
                  description: '`urn:apus:problem:` and a code that programs can rely on.'
                title:
                  type: string
                status:
                  type: integer
                  minimum: 400
                  maximum: 599
                detail:
                  type: string
                instance:
                  type: string
                errors:
                  type: array
                  items:
                    $ref: '#/components/schemas/Diagnostic'
              required:
              - type
              - title
              - status
              - detail
              - instance
            Difference:
              description: One value that differs; `before` is absent for what is new, `after` for what is gone.
              type: object
              properties:
                pointer:
                  type: string
                before: {}
                after: {}
              required:
              - pointer
            Plan:
              description: 'What a change does: for each component keep, adopt, replace, add or remove, with its cost in
                words.'
              type: object
              properties:
                base:
                  type: string
                target:
                  type: string
                empty:
                  type: boolean
                components:
                  type: array
                  items:
                    type: object
                    properties:
                      kind:
                        type: string
                        enum:
                        - receiver
                        - processor
                        - exporter
                        - connector
                        - extension
                      id:
                        type: string
                      pipeline:
                        type: string
                      action:
                        type: string
                        enum:
                        - keep
                        - adopt
                        - replace
                        - add
                        - remove
                      cost:
                        type: string
                    required:
                    - kind
                    - id
                    - action
                    - cost
                pipelines:
                  type: array
                  items:
                    type: object
                    properties:
                      id:
                        type: string
                      action:
                        type: string
                        enum:
                        - keep
                        - adopt
                        - replace
                        - add
                        - remove
                    required:
                    - id
                    - action
                after_restart:
                  type: array
                  items:
                    type: string
                differences:
                  type: array
                  items:
                    $ref: '#/components/schemas/Difference'
                warnings:
                  type: array
                  items:
                    $ref: '#/components/schemas/Diagnostic'
              required:
              - base
              - target
              - empty
              - components
              - pipelines
              - after_restart
              - differences
              - warnings
            AppliedChange:
              description: A change that was made. `swapped` is the time until telemetry flowed through the new graph.
              type: object
              properties:
                revision:
                  $ref: '#/components/schemas/Revision'
                plan:
                  $ref: '#/components/schemas/Plan'
                swapped:
                  type: string
                  description: A duration as Go writes it, such as 1.5s or 2m0s.
                confirm_within:
                  type: string
                  description: A duration as Go writes it, such as 1.5s or 2m0s.
              required:
              - revision
              - plan
              - swapped
            ValidationReport:
              description: What checking a change has found.
              type: object
              properties:
                valid:
                  type: boolean
                diagnostics:
                  type: array
                  items:
                    $ref: '#/components/schemas/Diagnostic'
              required:
              - valid
              - diagnostics
            Transaction:
              description: Several changes, one after the other, all or none. A component or pipeline without `config` is
                removed.
              type: object
              required:
              - changes
              additionalProperties: false
              properties:
                changes:
                  type: array
                  minItems: 1
                  maxItems: 1000
                  items:
                    oneOf:
                    - type: object
                      required:
                      - replace
                      additionalProperties: false
                      properties:
                        replace:
                          $ref: '#/components/schemas/Configuration'
                    - type: object
                      required:
                      - merge
                      additionalProperties: false
                      properties:
                        merge:
                          $ref: '#/components/schemas/MergePatch'
                    - type: object
                      required:
                      - patch
                      additionalProperties: false
                      properties:
                        patch:
                          $ref: '#/components/schemas/JSONPatch'
                    - type: object
                      required:
                      - component
                      additionalProperties: false
                      properties:
                        component:
                          type: object
                          required:
                          - kind
                          - id
                          additionalProperties: false
                          properties:
                            kind:
                              type: string
                              enum:
                              - receiver
                              - processor
                              - exporter
                              - connector
                              - extension
                            id:
                              type: string
                              minLength: 1
                            config:
                              $ref: '#/components/schemas/ComponentConfiguration'
                    - type: object
                      required:
                      - pipeline
                      additionalProperties: false
                      properties:
                        pipeline:
                          type: object
                          required:
                          - id
                          additionalProperties: false
                          properties:
                            id:
                              type: string
                              minLength: 1
                            config:
                              $ref: '#/components/schemas/PipelineConfiguration'
                confirm_within:
                  type: string
                  description: A duration as Go writes it, such as 1.5s or 2m0s.
                reason:
                  type: string
                  maxLength: 1000
                expect_drop:
                  type: boolean
            Confirmation:
              description: The revision that is confirmed, so that nobody confirms what they have not seen.
              type: object
              required:
              - revision
              additionalProperties: false
              properties:
                revision:
                  type: string
            Rollback:
              description: Where to go back to, and why.
              type: object
              additionalProperties: false
              properties:
                to:
                  type: string
                  description: The revision to go back to; the last confirmed one without it.
                reason:
                  type: string
            ComponentStatus:
              description: How a component does, as otelcol names it.
              type: object
              properties:
                state:
                  type: string
                  enum:
                  - StatusStarting
                  - StatusOK
                  - StatusRecoverableError
                  - StatusPermanentError
                  - StatusFatalError
                  - StatusStopping
                  - StatusStopped
                since:
                  type: string
                  format: date-time
                error:
                  type: string
              required:
              - state
              - since
            Component:
              description: A component that runs. `instance` grows when it is replaced and stays when it is kept.
              type: object
              properties:
                kind:
                  type: string
                  enum:
                  - receiver
                  - processor
                  - exporter
                  - connector
                  - extension
                id:
                  type: string
                type:
                  type: string
                instance:
                  type: integer
                  minimum: 1
                status:
                  $ref: '#/components/schemas/ComponentStatus'
                pipelines:
                  type: array
                  items:
                    type: string
                counters:
                  type: object
                  additionalProperties:
                    type: integer
                    minimum: 0
                history:
                  type: array
                  items:
                    $ref: '#/components/schemas/ComponentStatus'
                instances:
                  type: array
                  items:
                    $ref: '#/components/schemas/Component'
              required:
              - kind
              - id
              - type
              - instance
              - status
              - pipelines
              - counters
            AvailableComponent:
              description: A component of this build.
              type: object
              properties:
                kind:
                  type: string
                  enum:
                  - receiver
                  - processor
                  - exporter
                  - connector
                  - extension
                type:
                  type: string
                aliases:
                  type: array
                  items:
                    type: string
                summary:
                  type: string
                signals:
                  type: array
                  items:
                    type: string
                    enum:
                    - traces
                    - metrics
                    - logs
                    - profiles
              required:
              - kind
              - type
              - aliases
              - summary
              - signals
            Pipeline:
              description: 'A pipeline that runs: its parts in order, and what went through it.'
              type: object
              properties:
                id:
                  type: string
                signal:
                  type: string
                  enum:
                  - traces
                  - metrics
                  - logs
                  - profiles
                receivers:
                  type: array
                  items:
                    type: string
                processors:
                  type: array
                  items:
                    type: object
                    properties:
                      id:
                        type: string
                      incoming:
                        type: integer
                        minimum: 0
                      outgoing:
                        type: integer
                        minimum: 0
                      removed:
                        type: object
                        additionalProperties:
                          type: integer
                          minimum: 0
                      rejected:
                        type: integer
                        minimum: 0
                      lost:
                        type: integer
                        minimum: 0
                      rates:
                        $ref: '#/components/schemas/Rates'
                    required:
                    - id
                    - incoming
                    - outgoing
                    - removed
                    - rejected
                    - lost
                    - rates
                exporters:
                  type: array
                  items:
                    type: object
                    properties:
                      id:
                        type: string
                      items:
                        type: object
                        description: Where the items are, by place.
                        additionalProperties:
                          type: integer
                          minimum: 0
                      unplaced:
                        type: integer
                      rates:
                        $ref: '#/components/schemas/Rates'
                    required:
                    - id
                    - items
                    - unplaced
                    - rates
                accepted:
                  type: integer
                  minimum: 0
                accepted_bytes:
                  type: integer
                  minimum: 0
                refused:
                  type: integer
                  minimum: 0
                held:
                  type: integer
                  minimum: 0
                rates:
                  $ref: '#/components/schemas/Rates'
              required:
              - id
              - signal
              - receivers
              - processors
              - exporters
              - accepted
              - accepted_bytes
              - refused
              - held
            Rate:
              description: Per second. Bytes are counted at pipelines alone.
              type: object
              properties:
                items:
                  type: number
                  minimum: 0
                bytes:
                  type: number
                  minimum: 0
                errors:
                  type: number
                  minimum: 0
              required:
              - items
              - bytes
              - errors
            Rates:
              description: Over a second, a minute and ten minutes; empty while nothing is known.
              type: object
              properties:
                1s:
                  $ref: '#/components/schemas/Rate'
                1m:
                  $ref: '#/components/schemas/Rate'
                10m:
                  $ref: '#/components/schemas/Rate'
            Queue:
              description: The queue before an exporter, for one signal.
              type: object
              properties:
                exporter:
                  type: string
                signal:
                  type: string
                  enum:
                  - traces
                  - metrics
                  - logs
                  - profiles
                size:
                  type: integer
                  minimum: 0
                capacity:
                  type: integer
                  minimum: 0
                unit:
                  type: string
                  enum:
                  - requests
                  - items
                  - bytes
                in_flight:
                  type: integer
                  minimum: 0
                sent:
                  type: integer
                  minimum: 0
                send_failed:
                  type: integer
                  minimum: 0
                bytes_on_disk:
                  type: integer
                  minimum: 0
                dead_letters:
                  type: integer
                  minimum: 0
              required:
              - exporter
              - signal
              - size
              - capacity
              - unit
              - in_flight
              - sent
              - send_failed
              - bytes_on_disk
              - dead_letters
            Event:
              description: Something that has happened.
              type: object
              properties:
                id:
                  type: integer
                  minimum: 1
                time:
                  type: string
                  format: date-time
                kind:
                  type: string
                  enum:
                  - component.status
                  - config.applied
                  - config.failed
                  - config.confirmed
                  - config.rolled_back
                  - drain.began
                  - log_level.changed
                  - tap.began
                  - tap.ended
                  - access.denied
                subject:
                  type: string
                message:
                  type: string
                details:
                  type: object
                  additionalProperties:
                    type: string
              required:
              - id
              - time
              - kind
              - subject
              - message
              - details
            LogRecord:
              description: One line of the log that is about a component.
              type: object
              properties:
                id:
                  type: integer
                  minimum: 1
                  description: Grows, with gaps where records of other components stand between.
                time:
                  type: string
                  format: date-time
                level:
                  type: string
                  enum:
                  - trace
                  - debug
                  - info
                  - notice
                  - warning
                  - error
                  - critical
                message:
                  type: string
                fields:
                  type: object
                  additionalProperties:
                    type: string
              required:
              - id
              - time
              - level
              - message
              - fields
            LogLevels:
              description: The standard level, and those of components that have their own.
              type: object
              properties:
                level:
                  type: string
                components:
                  type: object
                  additionalProperties:
                    type: string
              required:
              - level
              - components
            LogLevel:
              description: A level of the log.
              type: object
              required:
              - level
              additionalProperties: false
              properties:
                level:
                  type: string
                  enum:
                  - trace
                  - debug
                  - info
                  - notice
                  - warning
                  - warn
                  - error
                  - critical
                  - fatal
            DropGroup:
              description: Telemetry that did not get where it was meant to go, for one reason.
              type: object
              properties:
                kind:
                  type: string
                  enum:
                  - exporter
                  - processor
                  - connector
                component:
                  type: string
                pipeline:
                  type: string
                  description: Absent for what was found on disk.
                place:
                  type: string
                  enum:
                  - refused
                  - overflowed
                  - waiting
                  - batching
                  - queued
                  - in_flight
                  - delivered
                  - filtered
                  - rejected
                  - failed
                  - expired
                  - returned
                  - dead_lettered
                  - spilled
                  - lost
                items:
                  type: integer
                  minimum: 0
                examples:
                  type: array
                  items:
                    type: object
                    properties:
                      time:
                        type: string
                        format: date-time
                      message:
                        type: string
                      items:
                        type: integer
                        minimum: 0
                      item:
                        description: One of the items as OTLP/JSON, if it is not too large.
                        type: object
                    required:
                    - time
                    - message
                    - items
              required:
              - kind
              - component
              - place
              - items
              - examples
            DeadLetter:
              description: A batch that a backend refused for good.
              type: object
              properties:
                id:
                  type: string
                time:
                  type: string
                  format: date-time
                signal:
                  type: string
                  enum:
                  - traces
                  - metrics
                  - logs
                  - profiles
                exporter:
                  type: string
                pipeline:
                  type: string
                reason:
                  type: string
                attempts:
                  type: integer
                  minimum: 0
                items:
                  type: integer
                  minimum: 0
                bytes:
                  type: integer
                  minimum: 0
                sender:
                  type: string
              required:
              - id
              - time
              - signal
              - exporter
              - pipeline
              - reason
              - attempts
              - items
              - bytes
              - sender
            Replay:
              description: What became of a dead letter that was sent once more; unless it was delivered, it stays.
              type: object
              properties:
                id:
                  type: string
                outcome:
                  type: string
                  enum:
                  - delivered
                  - refused
                  - unreached
                items:
                  type: integer
                  minimum: 0
                rejected_items:
                  type: integer
                  minimum: 0
                message:
                  type: string
              required:
              - id
              - outcome
              - items
              - rejected_items
              - message
            Operation:
              description: A change that takes longer than 2 s; when it is done it has either a response or an error.
              type: object
              properties:
                id:
                  type: string
                name:
                  type: string
                action:
                  type: string
                actor:
                  type: string
                created:
                  type: string
                  format: date-time
                done:
                  type: boolean
                response:
                  type: object
                  additionalProperties: true
                error:
                  $ref: '#/components/schemas/Problem'
              required:
              - id
              - name
              - action
              - actor
              - created
              - done
            Caller:
              description: Who asks.
              type: object
              properties:
                name:
                  description: As in the audit log, such as `token:deploy`.
                  type: string
                role:
                  description: Each role includes those before it.
                  type: string
                  enum: [read, operate, configure]
              required:
              - name
              - role
            Build:
              description: What this program is.
              type: object
              properties:
                name:
                  type: string
                version:
                  type: string
                swift:
                  type: string
                architecture:
                  type: string
              required:
              - name
              - version
              - swift
              - architecture
            Runtime:
              description: The process that answers.
              type: object
              properties:
                time:
                  type: string
                  format: date-time
                uptime:
                  type: string
                  description: A duration as Go writes it, such as 1.5s or 2m0s.
                ready:
                  type: boolean
                pid:
                  type: integer
                  minimum: 0
                uid:
                  type: integer
                  minimum: 0
                components:
                  type: integer
                  minimum: 0
                pipelines:
                  type: integer
                  minimum: 0
              required:
              - time
              - uptime
              - ready
              - pid
              - uid
              - components
              - pipelines
            Diagnostics:
              description: Everything worth knowing about a collector that does not do what it should; secrets are hidden.
              type: object
              properties:
                time:
                  type: string
                  format: date-time
                build:
                  $ref: '#/components/schemas/Build'
                runtime:
                  $ref: '#/components/schemas/Runtime'
                config_state:
                  $ref: '#/components/schemas/ConfigurationState'
                config:
                  $ref: '#/components/schemas/Configuration'
                components:
                  type: array
                  items:
                    $ref: '#/components/schemas/Component'
                pipelines:
                  type: array
                  items:
                    $ref: '#/components/schemas/Pipeline'
                queues:
                  type: array
                  items:
                    $ref: '#/components/schemas/Queue'
                events:
                  type: array
                  items:
                    $ref: '#/components/schemas/Event'
                metrics:
                  type: string
                log:
                  type: array
                  items:
                    type: string
              required:
              - time
              - build
              - runtime
              - config_state
              - config
              - components
              - pipelines
              - queues
              - events
              - metrics
              - log

        """#
}
