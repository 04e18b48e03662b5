/// The description of the API; `make openapi` makes this file of `openapi/fleet.yaml`.
enum FleetDescription {
    static let text = #"""
        # The fleet API of Apus. `make openapi` puts this file into the program after a change.
        openapi: 3.1.0
        info:
          title: Apus fleet API
          version: '1'
          description: |-
            The control plane of a fleet: agents, configurations, rollouts, enrollment, access. It listens on localhost:4321 (`apus fleet serve`), apart from the listener of agents.

            Everybody sends a bearer token (`apus fleet tokens create --role viewer|editor|approver|operator|admin`), on loopback as well; credentials of agents open nothing here. `x-permission` is what an operation needs: a viewer has `look`; an editor also edits configurations, packages, values and plans; an approver looks and says yes to the rollouts of others; an operator edits everything that is not about access, runs rollouts and lets agents in; an admin has everything.

            PUT, PATCH and DELETE need If-Match with the ETag of what they change, or, with PUT, `If-None-Match: *` to make something new. With `dry_run=true` nothing changes and the answer says what would. A change that takes longer than 2 s is answered with 202 and an operation.

            Agents get revisions through rollouts alone; nothing else on this page changes what an agent runs. Selectors are written as in Kubernetes: `env=prod, region in (eu, us), !canary`.

            HEAD is possible wherever GET is. Unknown query parameters are ignored. Errors are `application/problem+json` (RFC 9457). Every answer has `x-request-id`, which the client may choose.
        servers:
        - url: http://localhost:4321
        security:
        - bearer: []
        tags:
        - name: fleet
          description: The fleet as a whole, and the manager itself.
        - name: agents
          description: What there is, what it runs and how it does.
        - name: variants
          description: Which configurations are really running.
        - name: groups
          description: Named selectors, and the values of variables.
        - name: configs
          description: Configurations and their revisions.
        - name: packages
          description: Packages that agents may be given to install.
        - name: rollouts
          description: How revisions and packages reach agents.
        - name: events
          description: What has happened.
        - name: enrollment
          description: How agents come in.
        - name: access
          description: Who may use this API, and who did what.
        - name: webhooks
          description: Where events are sent.
        - name: apply
          description: Everything from one directory.
        - name: operations
          description: Changes that take their time.
        - name: description
          description: This description, and probes.
        paths:
          /v1/summary:
            get:
              operationId: getSummary
              summary: The fleet in numbers
              tags:
              - fleet
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/Selector'
              - $ref: '#/components/parameters/Group'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Summary'
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
                '431':
                  $ref: '#/components/responses/FieldsTooLarge'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/build:
            get:
              operationId: getBuild
              summary: What this program is
              tags:
              - fleet
              x-permission: look
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
          /metrics:
            get:
              operationId: getMetrics
              summary: The metrics of the manager in the Prometheus text format
              tags:
              - fleet
              x-permission: look
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
          /v1/ca:
            get:
              operationId: getAuthority
              summary: The certificate that signs those of agents
              description: 'With `Accept: application/x-pem-file` the certificate alone.'
              tags:
              - fleet
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Authority'
                    application/x-pem-file:
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
                '404':
                  $ref: '#/components/responses/NotFound'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/agents:
            get:
              operationId: listAgents
              summary: The agents
              description: The labels that selectors see are those that operators gave and the attributes that agents reported;
                operators win. An element is small; GET /v1/agents/{uid} says everything.
              tags:
              - agents
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/Selector'
              - $ref: '#/components/parameters/Group'
              - $ref: '#/components/parameters/Search'
              - $ref: '#/components/parameters/StateFilter'
              - $ref: '#/components/parameters/DriftFilter'
              - $ref: '#/components/parameters/HealthFilter'
              - $ref: '#/components/parameters/VersionFilter'
              - $ref: '#/components/parameters/RevisionFilter'
              - $ref: '#/components/parameters/Order'
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
                          agents:
                            type: array
                            items:
                              $ref: '#/components/schemas/AgentSummary'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - agents
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
                '431':
                  $ref: '#/components/responses/FieldsTooLarge'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/agents/{uid}:
            get:
              operationId: getAgent
              summary: One agent
              description: The ETag names the labels alone; the rest changes all the time.
              tags:
              - agents
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/AgentUID'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Agent'
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
            patch:
              operationId: patchAgent
              summary: Set and remove labels of an agent
              tags:
              - agents
              x-permission: edit-labels
              parameters:
              - $ref: '#/components/parameters/AgentUID'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IfMatch'
              requestBody:
                required: true
                content:
                  application/merge-patch+json:
                    schema:
                      $ref: '#/components/schemas/AgentPatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Agent'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
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
              operationId: forgetAgent
              summary: Forget an agent that is gone
              description: One that is connected, or comes back with a valid credential, is there again as a new one.
              tags:
              - agents
              x-permission: operate-agents
              parameters:
              - $ref: '#/components/parameters/AgentUID'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IfMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/AgentSummary'
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
          /v1/agents/{uid}/effective-config:
            get:
              operationId: getEffectiveConfig
              summary: What an agent really runs, as it says
              description: Secrets are hidden by the agent.
              tags:
              - agents
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/AgentUID'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/EffectiveConfig'
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
          /v1/agents/{uid}/history:
            get:
              operationId: getAgentHistory
              summary: What an agent said about configurations, the newest first
              tags:
              - agents
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/AgentUID'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/AgentHistory'
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
          /v1/agents/{uid}:restart:
            post:
              operationId: restartAgent
              summary: Ask an agent to restart
              tags:
              - agents
              x-permission: operate-agents
              parameters:
              - $ref: '#/components/parameters/AgentUID'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/AgentSummary'
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
          /v1/agents/{uid}:retry:
            post:
              operationId: retryAgent
              summary: Offer a revision or packages again that the agent could not take
              tags:
              - agents
              x-permission: run-rollouts
              parameters:
              - $ref: '#/components/parameters/AgentUID'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/AgentSummary'
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
          /v1/agents/{uid}:revoke:
            post:
              operationId: revokeAgent
              summary: Take the credentials of an agent away and close its connections
              tags:
              - agents
              x-permission: revoke-agents
              parameters:
              - $ref: '#/components/parameters/AgentUID'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: false
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/ReasonInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/ReasonInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/ReasonInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/ReasonInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/ReasonInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/AgentSummary'
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
          /v1/variants:
            get:
              operationId: listVariants
              summary: Which configurations are really running
              description: Agents whose effective configuration is the same are one variant; the one with the most agents
                comes first.
              tags:
              - variants
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/Selector'
              - $ref: '#/components/parameters/Group'
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
                          variants:
                            type: array
                            items:
                              $ref: '#/components/schemas/Variant'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - variants
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
                '431':
                  $ref: '#/components/responses/FieldsTooLarge'
                '503':
                  $ref: '#/components/responses/Busy'
          /v1/variants/{hash}:
            get:
              operationId: getVariant
              summary: One variant with its files
              tags:
              - variants
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/Hash'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/VariantDetail'
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
          /v1/variants/{hash}/diff:
            get:
              operationId: diffVariants
              summary: What tells two variants apart
              tags:
              - variants
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/Hash'
              - $ref: '#/components/parameters/ToVariant'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Difference'
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
          /v1/groups:
            get:
              operationId: listGroups
              summary: Named selectors
              tags:
              - groups
              x-permission: look
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
                          groups:
                            type: array
                            items:
                              $ref: '#/components/schemas/Group'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - groups
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
          /v1/groups/{name}:
            get:
              operationId: getGroup
              summary: One group
              tags:
              - groups
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/GroupName'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Group'
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
              operationId: putGroup
              summary: Make or replace a group
              tags:
              - groups
              x-permission: edit-groups
              parameters:
              - $ref: '#/components/parameters/GroupName'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IfMatch'
              - $ref: '#/components/parameters/IfNoneMatch'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/GroupInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/GroupInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/GroupInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/GroupInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/GroupInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Group'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '201':
                  description: It was made anew.
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Group'
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
              operationId: deleteGroup
              summary: Delete a group
              tags:
              - groups
              x-permission: edit-groups
              parameters:
              - $ref: '#/components/parameters/GroupName'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IfMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Group'
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
          /v1/values:
            get:
              operationId: listValues
              summary: What variables of templates are filled in with
              tags:
              - values
              x-permission: look
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
                          values:
                            type: array
                            items:
                              $ref: '#/components/schemas/Value'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - values
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
          /v1/values/{name}:
            get:
              operationId: getValue
              summary: One value
              tags:
              - values
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/ValueName'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Value'
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
              operationId: putValue
              summary: Set a value
              description: Agents get it with the next rollout.
              tags:
              - values
              x-permission: edit-values
              parameters:
              - $ref: '#/components/parameters/ValueName'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IfMatch'
              - $ref: '#/components/parameters/IfNoneMatch'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/ValueInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/ValueInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/ValueInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/ValueInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/ValueInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Value'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '201':
                  description: It was made anew.
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Value'
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
              operationId: deleteValue
              summary: Remove a value
              tags:
              - values
              x-permission: edit-values
              parameters:
              - $ref: '#/components/parameters/ValueName'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IfMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Value'
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
          /v1/configs:
            get:
              operationId: listConfigs
              summary: The configurations
              tags:
              - configs
              x-permission: look
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
                          configs:
                            type: array
                            items:
                              $ref: '#/components/schemas/Config'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - configs
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
          /v1/configs/{name}:
            get:
              operationId: getConfig
              summary: One configuration
              tags:
              - configs
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/ConfigName'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Config'
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
            patch:
              operationId: patchConfig
              summary: Say what a configuration is for
              tags:
              - configs
              x-permission: edit-configurations
              parameters:
              - $ref: '#/components/parameters/ConfigName'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IfMatch'
              requestBody:
                required: true
                content:
                  application/merge-patch+json:
                    schema:
                      $ref: '#/components/schemas/ConfigPatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Config'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
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
              operationId: deleteConfig
              summary: Delete a configuration that nobody runs, with its revisions
              tags:
              - configs
              x-permission: edit-configurations
              parameters:
              - $ref: '#/components/parameters/ConfigName'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IfMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Config'
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
          /v1/configs/{name}/revisions:
            get:
              operationId: listRevisions
              summary: The revisions of a configuration, the newest first
              tags:
              - configs
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/ConfigName'
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
                              $ref: '#/components/schemas/RevisionSummary'
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
                '404':
                  $ref: '#/components/responses/NotFound'
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
            post:
              operationId: addRevision
              summary: Add a revision; the first one makes the configuration
              description: 'Content that a revision has already adds nothing: the answer is that revision with 200. What has
                errors is refused. Nothing is rolled out.'
              tags:
              - configs
              x-permission: edit-configurations
              parameters:
              - $ref: '#/components/parameters/ConfigName'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/RevisionInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/RevisionInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/RevisionInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/RevisionInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/RevisionInput'
              responses:
                '200':
                  description: 'With dry_run: what would be.'
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Revision'
                '201':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Revision'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
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
          /v1/configs/{name}/revisions/{number}:
            get:
              operationId: getRevision
              summary: One revision with its files
              tags:
              - configs
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/ConfigName'
              - $ref: '#/components/parameters/RevisionNumber'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Revision'
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
          /v1/configs/{name}/diff:
            get:
              operationId: diffRevisions
              summary: What tells two revisions apart
              tags:
              - configs
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/ConfigName'
              - $ref: '#/components/parameters/FromRevision'
              - $ref: '#/components/parameters/ToRevision'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Difference'
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
          /v1/configs/{name}:validate:
            post:
              operationId: validateConfig
              summary: Check a draft or a revision against the agents it is for
              description: Nothing is kept, and no agent is asked.
              tags:
              - configs
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/ConfigName'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: false
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/CheckInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/CheckInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CheckInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/CheckInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CheckInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/CheckResult'
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
          /v1/configs/{name}:lint:
            post:
              operationId: lintConfig
              summary: Say what is possible and probably not meant
              tags:
              - configs
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/ConfigName'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: false
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/CheckInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/CheckInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CheckInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/CheckInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CheckInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/CheckResult'
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
          /v1/configs/{name}:render:
            post:
              operationId: renderConfig
              summary: What a draft or a revision becomes for one agent
              description: Secrets stay `${secret:NAME}`.
              tags:
              - configs
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/ConfigName'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/RenderInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/RenderInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/RenderInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/RenderInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/RenderInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Rendering'
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
          /v1/package-sets:
            get:
              operationId: listPackageSets
              summary: The sets of packages
              tags:
              - packages
              x-permission: look
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
                          sets:
                            type: array
                            items:
                              $ref: '#/components/schemas/PackageSet'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - sets
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
          /v1/package-sets/{name}:
            get:
              operationId: getPackageSet
              summary: One set of packages in short
              tags:
              - packages
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/PackageSetName'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/PackageSet'
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
            delete:
              operationId: deletePackageSet
              summary: Delete a set that no agent ought to have, with its versions
              tags:
              - packages
              x-permission: edit-configurations
              parameters:
              - $ref: '#/components/parameters/PackageSetName'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IfMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/PackageSet'
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
          /v1/package-sets/{name}/versions:
            get:
              operationId: listPackageVersions
              summary: The versions of a set, the newest first
              tags:
              - packages
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/PackageSetName'
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
                          versions:
                            type: array
                            items:
                              $ref: '#/components/schemas/PackageVersion'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - versions
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
            post:
              operationId: addPackageVersion
              summary: Add a version; the first one makes the set
              description: Each file has the signature that is given, if it is of a key that the manager knows, or that of the manager. No agent gets
                it before a rollout with the target `packages/NAME@NUMBER`.
              tags:
              - packages
              x-permission: edit-configurations
              parameters:
              - $ref: '#/components/parameters/PackageSetName'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/PackageVersionInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/PackageVersionInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/PackageVersionInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/PackageVersionInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/PackageVersionInput'
              responses:
                '200':
                  description: 'With dry_run: what would be. Otherwise the newest version, which is the same already.'
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/PackageVersion'
                '201':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/PackageVersion'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
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
          /v1/package-sets/{name}/versions/{number}:
            get:
              operationId: getPackageVersion
              summary: One version of a set
              tags:
              - packages
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/PackageSetName'
              - $ref: '#/components/parameters/PackageNumber'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/PackageVersion'
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
          /v1/package-keys:
            get:
              operationId: getPackageKeys
              summary: The public keys that agents check signatures of packages with
              description: 'What is signed is five lines, each with a line feed: `apus.package/v1`, the name of the package, `top_level` or `addon`,
                its version, and the SHA-256 of its file in hexadecimal.'
              tags:
              - packages
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/PackageKeys'
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
          /v1/package-files:
            get:
              operationId: listPackageFiles
              summary: The files that this manager has for agents to download
              tags:
              - packages
              x-permission: look
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
                          files:
                            type: array
                            items:
                              $ref: '#/components/schemas/PackageFile'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - files
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
          /v1/package-files/{hash}:
            get:
              operationId: getPackageFile
              summary: One file
              tags:
              - packages
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/PackageFileHash'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/PackageFile'
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
              operationId: putPackageFile
              summary: Send the next piece of a file
              description: Pieces follow each other and have up to 8 MiB each; the file has up to 256 MiB. With the last piece it is kept if its SHA-256
                is that of the path, which says what the file is; so it needs no If-Match.
              tags:
              - packages
              x-permission: edit-configurations
              parameters:
              - $ref: '#/components/parameters/PackageFileHash'
              - $ref: '#/components/parameters/FileSize'
              - $ref: '#/components/parameters/FileOffset'
              - $ref: '#/components/parameters/DryRun'
              requestBody:
                required: true
                content:
                  application/octet-stream:
                    schema:
                      type: string
                      format: binary
                      maxLength: 8388608
              responses:
                '200':
                  description: 'More is to come: `received` says where to go on.'
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/PackageFile'
                '201':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/PackageFile'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
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
            delete:
              operationId: deletePackageFile
              summary: Delete a file that no version of a set needs
              tags:
              - packages
              x-permission: edit-configurations
              parameters:
              - $ref: '#/components/parameters/PackageFileHash'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IfMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/PackageFile'
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
          /v1/plans:
            get:
              operationId: listPlans
              summary: Named plans of rollouts
              tags:
              - rollouts
              x-permission: look
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
                          plans:
                            type: array
                            items:
                              $ref: '#/components/schemas/Plan'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - plans
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
          /v1/plans/{name}:
            get:
              operationId: getPlan
              summary: One plan
              tags:
              - rollouts
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/PlanName'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Plan'
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
              operationId: putPlan
              summary: Make or replace a plan
              tags:
              - rollouts
              x-permission: edit-plans
              parameters:
              - $ref: '#/components/parameters/PlanName'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IfMatch'
              - $ref: '#/components/parameters/IfNoneMatch'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/PlanInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/PlanInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/PlanInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/PlanInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/PlanInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Plan'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '201':
                  description: It was made anew.
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Plan'
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
              operationId: deletePlan
              summary: Delete a plan
              tags:
              - rollouts
              x-permission: edit-plans
              parameters:
              - $ref: '#/components/parameters/PlanName'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IfMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Plan'
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
          /v1/rollouts:
            get:
              operationId: listRollouts
              summary: The rollouts, the newest first
              tags:
              - rollouts
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/RolloutState'
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
                          rollouts:
                            type: array
                            items:
                              $ref: '#/components/schemas/RolloutSummary'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - rollouts
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
            post:
              operationId: startRollout
              summary: Roll a revision out
              description: 'With dry_run nothing begins: the answer says which agents each stage has, what the revision changes
                for them, what they could not run, and what stands in the way.'
              tags:
              - rollouts
              x-permission: run-rollouts
              parameters:
              - $ref: '#/components/parameters/Draft'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/RolloutSpec'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/RolloutSpec'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/RolloutSpec'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/RolloutSpec'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/RolloutSpec'
              responses:
                '200':
                  description: 'With dry_run: what would be.'
                  content:
                    application/json:
                      schema:
                        anyOf:
                        - $ref: '#/components/schemas/Rollout'
                        - $ref: '#/components/schemas/RolloutPreview'
                '201':
                  description: OK
                  content:
                    application/json:
                      schema:
                        anyOf:
                        - $ref: '#/components/schemas/Rollout'
                        - $ref: '#/components/schemas/RolloutPreview'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '202':
                  $ref: '#/components/responses/Accepted'
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
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/rollouts/{id}:
            get:
              operationId: getRollout
              summary: One rollout with its stages, what gates saw, and its events
              tags:
              - rollouts
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/RolloutID'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Rollout'
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
          /v1/rollouts/{id}/agents:
            get:
              operationId: listRolloutAgents
              summary: The agents of a rollout
              tags:
              - rollouts
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/RolloutID'
              - $ref: '#/components/parameters/PhaseFilter'
              - $ref: '#/components/parameters/StageFilter'
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
                          agents:
                            type: array
                            items:
                              $ref: '#/components/schemas/RolloutAgent'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - agents
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
          /v1/rollouts/{id}:begin:
            post:
              operationId: beginRollout
              summary: Begin a draft
              tags:
              - rollouts
              x-permission: run-rollouts
              parameters:
              - $ref: '#/components/parameters/RolloutID'
              - $ref: '#/components/parameters/OptionalIfMatch'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: false
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Rollout'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
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
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/rollouts/{id}:pause:
            post:
              operationId: pauseRollout
              summary: Let nobody else get the revision
              tags:
              - rollouts
              x-permission: run-rollouts
              parameters:
              - $ref: '#/components/parameters/RolloutID'
              - $ref: '#/components/parameters/OptionalIfMatch'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: false
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Rollout'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
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
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/rollouts/{id}:resume:
            post:
              operationId: resumeRollout
              summary: Go on
              description: Of a rollout that has succeeded its standing assignment goes on that has stopped.
              tags:
              - rollouts
              x-permission: run-rollouts
              parameters:
              - $ref: '#/components/parameters/RolloutID'
              - $ref: '#/components/parameters/OptionalIfMatch'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: false
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Rollout'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
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
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/rollouts/{id}:promote:
            post:
              operationId: promoteRollout
              summary: Go on with the next stage without its gate
              tags:
              - rollouts
              x-permission: run-rollouts
              parameters:
              - $ref: '#/components/parameters/RolloutID'
              - $ref: '#/components/parameters/OptionalIfMatch'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: false
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Rollout'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
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
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/rollouts/{id}:abort:
            post:
              operationId: abortRollout
              summary: End it; agents keep what they have
              description: Of a rollout that has succeeded its standing assignment ends, so that agents that come later get nothing
                because of it.
              tags:
              - rollouts
              x-permission: run-rollouts
              parameters:
              - $ref: '#/components/parameters/RolloutID'
              - $ref: '#/components/parameters/OptionalIfMatch'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: false
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Rollout'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
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
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/rollouts/{id}:rollback:
            post:
              operationId: rollBackRollout
              summary: Take all agents back to what they had
              tags:
              - rollouts
              x-permission: run-rollouts
              parameters:
              - $ref: '#/components/parameters/RolloutID'
              - $ref: '#/components/parameters/OptionalIfMatch'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: false
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Rollout'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
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
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/rollouts/{id}:approve:
            post:
              operationId: approveRollout
              summary: Say yes to the rollout of somebody else
              tags:
              - rollouts
              x-permission: approve-rollouts
              parameters:
              - $ref: '#/components/parameters/RolloutID'
              - $ref: '#/components/parameters/OptionalIfMatch'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: false
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/CommandInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Rollout'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
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
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/events:
            get:
              operationId: listEvents
              summary: What has happened
              description: 'With `Accept: text/event-stream` a stream that goes on: each event has its id, a comment comes
                every 15 s, and Last-Event-ID resumes. A client that is too slow is let go and resumes.'
              tags:
              - events
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/EventKind'
              - $ref: '#/components/parameters/EventRollout'
              - $ref: '#/components/parameters/EventAgent'
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
          /v1/enrollment-tokens:
            get:
              operationId: listEnrollmentTokens
              summary: The tokens that new agents come with
              tags:
              - enrollment
              x-permission: manage-enrollment-tokens
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
                          enrollment_tokens:
                            type: array
                            items:
                              $ref: '#/components/schemas/EnrollmentToken'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - enrollment_tokens
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
            post:
              operationId: createEnrollmentToken
              summary: Make a token for new agents
              description: The text of the token is in this answer and in no other.
              tags:
              - enrollment
              x-permission: manage-enrollment-tokens
              parameters:
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/EnrollmentTokenInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/EnrollmentTokenInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/EnrollmentTokenInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/EnrollmentTokenInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/EnrollmentTokenInput'
              responses:
                '200':
                  description: 'With dry_run: what would be.'
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/EnrollmentToken'
                '201':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/EnrollmentToken'
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
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/enrollment-tokens/{id}:
            delete:
              operationId: revokeEnrollmentToken
              summary: Revoke a token for new agents
              tags:
              - enrollment
              x-permission: manage-enrollment-tokens
              parameters:
              - $ref: '#/components/parameters/EnrollmentTokenID'
              - $ref: '#/components/parameters/DryRun'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/EnrollmentToken'
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
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/enrollments:
            get:
              operationId: listEnrollments
              summary: Agents that came with an enrollment token, and those that wait
              tags:
              - enrollment
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/EnrollmentState'
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
                          enrollments:
                            type: array
                            items:
                              $ref: '#/components/schemas/Enrollment'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - enrollments
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
          /v1/enrollments/{uid}:approve:
            post:
              operationId: approveEnrollment
              summary: Let an agent in that waits, was turned away, or lost its credentials
              tags:
              - enrollment
              x-permission: approve-enrollments
              parameters:
              - $ref: '#/components/parameters/AgentUID'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Enrollment'
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
          /v1/enrollments/{uid}:reject:
            post:
              operationId: rejectEnrollment
              summary: Turn an agent away
              tags:
              - enrollment
              x-permission: approve-enrollments
              parameters:
              - $ref: '#/components/parameters/AgentUID'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: false
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/ReasonInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/ReasonInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/ReasonInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/ReasonInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/ReasonInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Enrollment'
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
          /v1/whoami:
            get:
              operationId: getCaller
              summary: Who asks, and what they may do
              tags:
              - access
              x-permission: look
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
          /v1/tokens:
            get:
              operationId: listTokens
              summary: The tokens of people and programs
              tags:
              - access
              x-permission: manage-tokens
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
                          tokens:
                            type: array
                            items:
                              $ref: '#/components/schemas/Token'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - tokens
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
            post:
              operationId: createToken
              summary: Make a token
              description: The text of the token is in this answer and in no other.
              tags:
              - access
              x-permission: manage-tokens
              parameters:
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/TokenInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/TokenInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/TokenInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/TokenInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/TokenInput'
              responses:
                '200':
                  description: 'With dry_run: what would be.'
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Token'
                '201':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Token'
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
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/tokens/{id}:
            delete:
              operationId: revokeToken
              summary: Revoke a token
              tags:
              - access
              x-permission: manage-tokens
              parameters:
              - $ref: '#/components/parameters/TokenID'
              - $ref: '#/components/parameters/DryRun'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Token'
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
                '429':
                  $ref: '#/components/responses/TooManyFailures'
                '503':
                  $ref: '#/components/responses/Busy'
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/audit:
            get:
              operationId: listAudit
              summary: Who did what, the newest first
              tags:
              - access
              x-permission: read-audit
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
                          entries:
                            type: array
                            items:
                              $ref: '#/components/schemas/AuditEntry'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - entries
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
          /v1/audit/export:
            get:
              operationId: exportAudit
              summary: The whole audit log, an entry a line
              description: Each entry has the hash of the one before, so that nobody can take one out unseen.
              tags:
              - access
              x-permission: read-audit
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/jsonl:
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
          /v1/audit/verification:
            get:
              operationId: verifyAudit
              summary: Whether the chain of the audit log is whole
              tags:
              - access
              x-permission: read-audit
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/AuditVerification'
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
          /v1/approvals:
            get:
              operationId: getApprovals
              summary: Which rollouts need the yes of a second person
              tags:
              - access
              x-permission: look
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Approvals'
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
              operationId: putApprovals
              summary: Say which rollouts need the yes of a second person
              tags:
              - access
              x-permission: manage-settings
              parameters:
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IfMatch'
              - $ref: '#/components/parameters/IfNoneMatch'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/Approvals'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/Approvals'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/Approvals'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/Approvals'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/Approvals'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Approvals'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '201':
                  description: It was made anew.
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Approvals'
                '202':
                  $ref: '#/components/responses/Accepted'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '401':
                  $ref: '#/components/responses/Unauthenticated'
                '403':
                  $ref: '#/components/responses/Forbidden'
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
          /v1/webhooks:
            get:
              operationId: listWebhooks
              summary: Where events are sent
              tags:
              - webhooks
              x-permission: manage-webhooks
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
                          webhooks:
                            type: array
                            items:
                              $ref: '#/components/schemas/Webhook'
                          next_page_token:
                            type: string
                            description: The page_token of the next page; absent on the last page.
                        required:
                        - webhooks
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
          /v1/webhooks/{name}:
            get:
              operationId: getWebhook
              summary: One webhook with its last deliveries
              tags:
              - webhooks
              x-permission: manage-webhooks
              parameters:
              - $ref: '#/components/parameters/WebhookName'
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Webhook'
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
              operationId: putWebhook
              summary: Make or replace a webhook
              description: 'Requests are signed: `Apus-Webhook-Signature` is `v1=` and, in hexadecimal digits, the HMAC-SHA256
                of the value of `Apus-Webhook-Timestamp` (seconds since 1970), a point and the body, with the secret as its
                key. `Apus-Webhook-Event` has the id of the event, the same in each attempt. A secret that is not given is
                made, and is in this answer and in no other.'
              tags:
              - webhooks
              x-permission: manage-webhooks
              parameters:
              - $ref: '#/components/parameters/WebhookName'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IfMatch'
              - $ref: '#/components/parameters/IfNoneMatch'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/WebhookInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/WebhookInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/WebhookInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/WebhookInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/WebhookInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Webhook'
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '201':
                  description: It was made anew.
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Webhook'
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
              operationId: deleteWebhook
              summary: Delete a webhook
              tags:
              - webhooks
              x-permission: manage-webhooks
              parameters:
              - $ref: '#/components/parameters/WebhookName'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IfMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/Webhook'
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
          /v1/webhooks/{name}:test:
            post:
              operationId: testWebhook
              summary: Send a test and say what the receiver answers
              description: The test is an event of the kind `webhook.test`, signed like every other; it is sent once, at once,
                also to a webhook that is not enabled, and to no other one. That it does not arrive is no failure of this
                request; `delivery` tells.
              tags:
              - webhooks
              x-permission: manage-webhooks
              parameters:
              - $ref: '#/components/parameters/WebhookName'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/WebhookTest'
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
          /v1/apply:
            post:
              operationId: apply
              summary: Make groups, plans, values and configurations as a directory describes them
              description: '`apus fleet apply -f DIRECTORY` sends it. Doing it again changes nothing. With prune, what an
                earlier apply from the same source made and this one does not have is deleted; configurations that agents
                ought to run are kept. Groups, plans and values, and prune, need the permissions to edit those.'
              tags:
              - apply
              x-permission: edit-configurations
              parameters:
              - $ref: '#/components/parameters/Prune'
              - $ref: '#/components/parameters/DryRun'
              - $ref: '#/components/parameters/IdempotencyKey'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      $ref: '#/components/schemas/ApplyInput'
                  application/yaml:
                    schema:
                      $ref: '#/components/schemas/ApplyInput'
                  application/x-yaml:
                    schema:
                      $ref: '#/components/schemas/ApplyInput'
                  text/yaml:
                    schema:
                      $ref: '#/components/schemas/ApplyInput'
                  text/x-yaml:
                    schema:
                      $ref: '#/components/schemas/ApplyInput'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        $ref: '#/components/schemas/ApplyResult'
                '202':
                  $ref: '#/components/responses/Accepted'
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
                '507':
                  $ref: '#/components/responses/NotKept'
          /v1/operations:
            get:
              operationId: listOperations
              summary: Changes that were answered with 202, the newest first
              tags:
              - operations
              x-permission: look
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
              summary: One of them, waiting for its end if wanted
              tags:
              - operations
              x-permission: look
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
              summary: Ask one of them to end
              tags:
              - operations
              x-permission: run-rollouts
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
                '507':
                  $ref: '#/components/responses/NotKept'
          /openapi.json:
            get:
              operationId: getOpenAPIAsJSON
              summary: This description in JSON
              tags:
              - description
              x-permission: none
              security:
              - {}
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
                    application/json:
                      schema:
                        type: object
                        additionalProperties: true
                  headers:
                    ETag:
                      description: Names this version, for If-Match and If-None-Match.
                      schema:
                        type: string
                '304':
                  $ref: '#/components/responses/NotModified'
                '400':
                  $ref: '#/components/responses/BadRequest'
                '500':
                  $ref: '#/components/responses/Failed'
                '503':
                  $ref: '#/components/responses/Busy'
          /openapi.yaml:
            get:
              operationId: getOpenAPIAsYAML
              summary: This description
              tags:
              - description
              x-permission: none
              security:
              - {}
              parameters:
              - $ref: '#/components/parameters/IfNoneMatch'
              responses:
                '200':
                  description: OK
                  content:
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
                '503':
                  $ref: '#/components/responses/Busy'
          /livez:
            get:
              operationId: getLiveness
              summary: Whether the manager gets to its work
              tags:
              - description
              x-permission: none
              security:
              - {}
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
                '503':
                  $ref: '#/components/responses/Busy'
          /readyz:
            get:
              operationId: getReadiness
              summary: Whether the manager takes agents and its store answers
              tags:
              - description
              x-permission: none
              security:
              - {}
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
                '503':
                  $ref: '#/components/responses/Busy'
        components:
          securitySchemes:
            bearer:
              type: http
              scheme: bearer
          parameters:
            After:
              name: after
              in: query
              description: As Last-Event-ID, for clients that cannot set fields.
              schema:
                type: string
                pattern: ^[0-9]{1,18}$
            AgentUID:
              name: uid
              in: path
              required: true
              description: The `instance_uid` of the agent.
              schema:
                type: string
                pattern: ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$
              example: 0190a5c8-7b1e-7cc3-98c4-dc0c0c07398f
            ConfigName:
              name: name
              in: path
              required: true
              description: The name of the configuration.
              schema:
                type: string
                minLength: 1
                maxLength: 128
                pattern: ^[A-Za-z0-9][A-Za-z0-9._-]*$
              example: edge
            Draft:
              name: draft
              in: query
              description: Only write it down; `:begin` begins it.
              schema:
                type: boolean
                default: false
            DriftFilter:
              name: drift
              in: query
              description: Agents in this state only.
              schema:
                type: string
                enum:
                - in_sync
                - pending
                - applying
                - failed
                - drifted
                - unmanaged
            DryRun:
              name: dry_run
              in: query
              description: Checks everything and changes nothing; the answer says what would happen.
              schema:
                type: boolean
                default: false
            EnrollmentState:
              name: state
              in: query
              description: Only those in this state.
              schema:
                type: string
                enum:
                - waiting
                - approved
                - rejected
            EnrollmentTokenID:
              name: id
              in: path
              required: true
              description: The id of the token.
              schema:
                type: string
                minLength: 1
                maxLength: 128
            EventAgent:
              name: agent
              in: query
              description: Only what is about this agent.
              schema:
                type: string
            EventKind:
              name: kind
              in: query
              description: Only such events, as in `rollout.state`, or `rollout.*` for all that begin so.
              schema:
                type: string
            EventRollout:
              name: rollout
              in: query
              description: Only what is about this rollout.
              schema:
                type: string
            FileOffset:
              name: offset
              in: query
              description: Where the piece begins; 0 begins anew, and stands for what is not given.
              schema:
                type: integer
                minimum: 0
                maximum: 268435456
              example: 0
            FileSize:
              name: size
              in: query
              required: true
              description: How many bytes the whole file has.
              schema:
                type: integer
                minimum: 1
                maximum: 268435456
              example: 1
            FromRevision:
              name: from
              in: query
              description: The number of the older revision; the one before `to` without it.
              schema:
                type: integer
                minimum: 1
            Group:
              name: group
              in: query
              description: Agents of this group only.
              schema:
                type: string
            GroupName:
              name: name
              in: path
              required: true
              description: The name of the group.
              schema:
                type: string
                minLength: 1
                maxLength: 128
                pattern: ^[A-Za-z0-9][A-Za-z0-9._-]*$
              example: edge
            Hash:
              name: hash
              in: path
              required: true
              description: The hash of the effective configuration.
              schema:
                type: string
                pattern: ^[0-9a-f]{64}$
            HealthFilter:
              name: healthy
              in: query
              description: Agents that say that they are healthy, or that they are not.
              schema:
                type: boolean
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
              description: The id of the operation.
              schema:
                type: string
                minLength: 1
                pattern: ^[0-9a-f]+$
            OptionalIfMatch:
              name: If-Match
              in: header
              description: The ETag that GET answered; with it the request is for a rollout, and what it promises to later
                agents, in that state only.
              schema:
                type: string
            Order:
              name: order
              in: query
              description: What the list is sorted by; with `-` the other way round.
              schema:
                type: string
                enum:
                - uid
                - name
                - last_seen
                - -uid
                - -name
                - -last_seen
                default: uid
            PackageFileHash:
              name: hash
              in: path
              required: true
              description: The SHA-256 of the file.
              schema:
                type: string
                pattern: ^[0-9a-f]{64}$
            PackageNumber:
              name: number
              in: path
              required: true
              description: The number of the version, or `latest`.
              schema:
                type: string
                pattern: ^([1-9][0-9]{0,8}|latest)$
              example: latest
            PackageSetName:
              name: name
              in: path
              required: true
              description: The name of the set.
              schema:
                type: string
                minLength: 1
                maxLength: 128
                pattern: ^[A-Za-z0-9][A-Za-z0-9._-]*$
              example: agents
            PageSize:
              name: page_size
              in: query
              description: Elements of a page.
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
            PhaseFilter:
              name: phase
              in: query
              description: Agents in this phase only.
              schema:
                type: string
                enum:
                - pending
                - assigned
                - applying
                - applied
                - healthy
                - failed
                - lost
                - reverting
                - reverted
                - stuck
                - excluded
            PlanName:
              name: name
              in: path
              required: true
              description: The name of the plan.
              schema:
                type: string
                minLength: 1
                maxLength: 128
                pattern: ^[A-Za-z0-9][A-Za-z0-9._-]*$
              example: careful
            Prune:
              name: prune
              in: query
              description: Delete what an earlier apply from the same source made and this one does not have.
              schema:
                type: boolean
                default: false
            RevisionFilter:
              name: revision
              in: query
              description: Agents that ought to run this revision only, such as `edge@3`.
              schema:
                type: string
            RevisionNumber:
              name: number
              in: path
              required: true
              description: The number of the revision, or `latest`.
              schema:
                type: string
                pattern: ^([1-9][0-9]{0,8}|latest)$
              example: latest
            RolloutID:
              name: id
              in: path
              required: true
              description: The id of the rollout.
              schema:
                type: string
                minLength: 1
                maxLength: 128
            RolloutState:
              name: state
              in: query
              description: Only those in this state; `active` stands for all that are not over, `standing` for those that have
                succeeded and go on to give their revision to agents that come later.
              schema:
                type: string
                enum:
                - active
                - standing
                - draft
                - awaiting_approval
                - validating
                - running
                - paused
                - paused_recovery
                - frozen
                - rolling_back
                - succeeded
                - rolled_back
                - aborted
                - superseded
            Search:
              name: search
              in: query
              description: Agents whose uid, name, labels or attributes have this text in them.
              schema:
                type: string
            Selector:
              name: selector
              in: query
              description: Agents with these labels only.
              schema:
                type: string
                maxLength: 4096
            StageFilter:
              name: stage
              in: query
              description: Agents of the stage with this number only, from 0.
              schema:
                type: integer
                minimum: 0
            StateFilter:
              name: state
              in: query
              description: Agents that are connected, or that are not.
              schema:
                type: string
                enum:
                - connected
                - disconnected
            ToRevision:
              name: to
              in: query
              description: The number of the newer revision; the newest without it.
              schema:
                type: integer
                minimum: 1
            ToVariant:
              name: to
              in: query
              description: The hash of the variant to compare with.
              schema:
                type: string
                pattern: ^[0-9a-f]{64}$
              required: true
            TokenID:
              name: id
              in: path
              required: true
              description: The id of the token.
              schema:
                type: string
                minLength: 1
                maxLength: 128
            ValueName:
              name: name
              in: path
              required: true
              description: The name of the value.
              schema:
                type: string
                minLength: 1
                maxLength: 128
                pattern: ^[A-Za-z0-9][A-Za-z0-9._-]*$
              example: backend
            VersionFilter:
              name: version
              in: query
              description: Agents of this build only, such as `apus 0.1.0`, or of this version.
              schema:
                type: string
            Wait:
              name: wait
              in: query
              description: Wait up to this long for the end, at most 5m.
              schema:
                type: string
                pattern: ^[0-9]{1,2}(ms|s)$
            WebhookName:
              name: name
              in: path
              required: true
              description: The name of the webhook.
              schema:
                type: string
                minLength: 1
                maxLength: 128
                pattern: ^[A-Za-z0-9][A-Za-z0-9._-]*$
              example: chat
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
              description: There is too much to do, or the store does not answer.
              content:
                application/problem+json:
                  schema:
                    $ref: '#/components/schemas/Problem'
            Conflict:
              description: 'It is not possible now: it is still needed, over, or in the way of another.'
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
            FieldsTooLarge:
              description: The path, the query and the header fields are larger than 32 KiB.
              content:
                text/plain:
                  schema:
                    type: string
            Forbidden:
              description: The permissions, the origin of the page or the host does not allow it.
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
              description: The store could not keep it.
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
                rule:
                  type: string
                line:
                  type: integer
                  minimum: 1
                column:
                  type: integer
                  minimum: 1
                source:
                  type: string
                  description: 'Where the line is: `body` is the body of the request, otherwise a file of the configuration.'
                hint:
                  type: string
              required:
              - pointer
              - message
              - severity
            Build:
              description: What this program is.
              type: object
              properties:
                name:
                  type: string
                version:
                  type: string
              required:
              - name
              - version
            Summary:
              description: The fleet in numbers.
              type: object
              properties:
                agents:
                  type: integer
                  minimum: 0
                connected:
                  type: integer
                  minimum: 0
                healthy:
                  type: integer
                  minimum: 0
                unhealthy:
                  type: integer
                  minimum: 0
                drift:
                  type: object
                  additionalProperties:
                    type: integer
                    minimum: 0
                  description: Agents by state of drift.
                versions:
                  type: array
                  items:
                    type: object
                    properties:
                      version:
                        type: string
                      agents:
                        type: integer
                        minimum: 0
                    required:
                    - version
                    - agents
                rollouts:
                  type: object
                  additionalProperties:
                    type: integer
                    minimum: 0
                  description: Rollouts that are not over, by state.
                waiting:
                  type: integer
                  minimum: 0
                  description: Agents that wait to be let in.
                items:
                  description: What goes through all pipelines of the fleet, per second.
                  type: object
                  properties:
                    accepted:
                      type: number
                    delivered:
                      type: number
                    dropped:
                      type: number
                  required:
                  - accepted
                  - delivered
                  - dropped
              required:
              - agents
              - connected
              - drift
            Authority:
              description: Who signs the certificates of agents.
              type: object
              properties:
                certificate:
                  type: string
                  description: PEM.
              required:
              - certificate
            AgentSummary:
              description: An agent in a list.
              type: object
              properties:
                uid:
                  type: string
                  pattern: ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$
                name:
                  type: string
                version:
                  type: string
                connected:
                  type: boolean
                waiting:
                  type: boolean
                last_seen:
                  type: string
                  format: date-time
                healthy:
                  type: boolean
                error:
                  type: string
                drift:
                  type: string
                  enum:
                  - in_sync
                  - pending
                  - applying
                  - failed
                  - drifted
                  - unmanaged
                labels:
                  type: object
                  additionalProperties:
                    type: string
                revision:
                  type: string
                  description: What it ought to run.
                rollout:
                  type: string
              required:
              - uid
              - connected
              - drift
              - labels
            Health:
              description: How a part of an agent does, as it says.
              type: object
              properties:
                healthy:
                  type: boolean
                status:
                  type: string
                error:
                  type: string
                started:
                  type: string
                  format: date-time
                since:
                  type: string
                  format: date-time
                components:
                  type: object
                  additionalProperties:
                    $ref: '#/components/schemas/Health'
              required:
              - healthy
            Report:
              description: What an agent said about a configuration.
              type: object
              properties:
                time:
                  type: string
                  format: date-time
                outcome:
                  type: string
                  enum:
                  - applying
                  - applied
                  - failed
                  - rolled_back
                hash:
                  type: string
                revision:
                  type: string
                message:
                  type: string
              required:
              - time
              - outcome
              - hash
            Assignment:
              description: What an agent ought to run.
              type: object
              properties:
                revision:
                  type: string
                hash:
                  type: string
                  pattern: ^[0-9a-f]{64}$
                rollout:
                  type: string
                time:
                  type: string
                  format: date-time
                confirm_within:
                  type: string
                expect_drop:
                  type: boolean
              required:
              - revision
              - hash
              - rollout
              - time
            Rates:
              description: What goes through an agent, per second.
              type: object
              properties:
                accepted:
                  type: number
                delivered:
                  type: number
                filtered:
                  type: number
                dropped:
                  type: number
                refused:
                  type: number
                export_failures:
                  type: number
                queued:
                  type: integer
                  minimum: 0
              required:
              - accepted
              - delivered
            PipelineRates:
              description: What goes through one pipeline of an agent, per second.
              allOf:
              - $ref: '#/components/schemas/Rates'
              - type: object
                properties:
                  id:
                    type: string
                required:
                - id
            Pipeline:
              description: One pipeline of a configuration.
              type: object
              properties:
                id:
                  type: string
                signal:
                  type: string
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
              required:
              - id
              - signal
              - receivers
              - processors
              - exporters
            Agent:
              description: Everything that is known of an agent.
              type: object
              properties:
                uid:
                  type: string
                  pattern: ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$
                name:
                  type: string
                version:
                  type: string
                build:
                  type: string
                connected:
                  type: boolean
                waiting:
                  type: boolean
                last_seen:
                  type: string
                  format: date-time
                first_seen:
                  type: string
                  format: date-time
                started:
                  type: string
                  format: date-time
                peer:
                  type: string
                replica:
                  type: string
                transport:
                  type: string
                  enum:
                  - websocket
                  - http
                custom_capabilities:
                  type: array
                  items:
                    type: string
                healthy:
                  type: boolean
                error:
                  type: string
                drift:
                  type: string
                  enum:
                  - in_sync
                  - pending
                  - applying
                  - failed
                  - drifted
                  - unmanaged
                labels:
                  type: object
                  additionalProperties:
                    type: string
                  description: What selectors see.
                own_labels:
                  type: object
                  additionalProperties:
                    type: string
                  description: The labels that operators gave.
                attributes:
                  type: object
                  additionalProperties:
                    type: string
                  description: What the agent said of itself.
                identity:
                  type: object
                  additionalProperties:
                    type: string
                  description: The attributes that identify it.
                capabilities:
                  type: array
                  items:
                    type: string
                health:
                  $ref: '#/components/schemas/Health'
                assignment:
                  $ref: '#/components/schemas/Assignment'
                revision:
                  type: string
                rollout:
                  type: string
                effective_hash:
                  type: string
                reported_hash:
                  type: string
                history:
                  type: array
                  items:
                    $ref: '#/components/schemas/Report'
                  description: The newest first.
                packages:
                  $ref: '#/components/schemas/AgentPackages'
                rates:
                  $ref: '#/components/schemas/Rates'
                pipeline_rates:
                  type: array
                  items:
                    $ref: '#/components/schemas/PipelineRates'
                  description: Of agents that are connected to this manager, once somebody has looked and they have reported
                    twice; kept for 256 agents.
              required:
              - uid
              - connected
              - drift
              - labels
              - attributes
              - history
            AgentPatch:
              description: 'A JSON Merge Patch (RFC 7396): null removes a label.'
              type: object
              properties:
                labels:
                  type: object
                  additionalProperties:
                    type:
                    - string
                    - 'null'
                    maxLength: 256
              required:
              - labels
            AgentHistory:
              type: object
              properties:
                reports:
                  type: array
                  items:
                    $ref: '#/components/schemas/Report'
              required:
              - reports
            File:
              description: A file of a configuration; its name may be empty.
              type: object
              properties:
                name:
                  type: string
                type:
                  type: string
                role:
                  type: string
                body:
                  type: string
              required:
              - name
              - body
            EffectiveConfig:
              description: What an agent runs.
              type: object
              properties:
                hash:
                  type: string
                files:
                  type: array
                  items:
                    $ref: '#/components/schemas/File'
                pipelines:
                  type: array
                  items:
                    $ref: '#/components/schemas/Pipeline'
                  description: What the files say of pipelines; none where they are no YAML.
              required:
              - hash
              - files
              - pipelines
            Variant:
              description: A configuration that is really running.
              type: object
              properties:
                hash:
                  type: string
                  pattern: ^[0-9a-f]{64}$
                agents:
                  type: integer
                  minimum: 0
                revisions:
                  type: array
                  items:
                    type: string
                  description: What these agents ought to run.
                examples:
                  type: array
                  items:
                    type: string
                    pattern: ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$
              required:
              - hash
              - agents
            VariantDetail:
              description: A variant with its files.
              type: object
              properties:
                hash:
                  type: string
                  pattern: ^[0-9a-f]{64}$
                agents:
                  type: integer
                  minimum: 0
                revisions:
                  type: array
                  items:
                    type: string
                examples:
                  type: array
                  items:
                    type: string
                    pattern: ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$
                files:
                  type: array
                  items:
                    $ref: '#/components/schemas/File'
              required:
              - hash
              - agents
              - files
            Change:
              description: One value that differs.
              type: object
              properties:
                pointer:
                  type: string
                before: {}
                after: {}
              required:
              - pointer
            Difference:
              description: 'What tells two configurations apart: as text, and value by value.'
              type: object
              properties:
                from:
                  type: string
                to:
                  type: string
                text:
                  type: string
                  description: A unified diff of all files.
                differences:
                  type: array
                  items:
                    $ref: '#/components/schemas/Change'
              required:
              - from
              - to
              - text
              - differences
            Group:
              description: A named selector, and the values that variables have for its agents.
              type: object
              properties:
                name:
                  type: string
                selector:
                  type: string
                description:
                  type: string
                priority:
                  type: integer
                values:
                  type: object
                  additionalProperties: true
                agents:
                  type: integer
                  minimum: 0
                  description: How many agents it has; not in lists.
                source:
                  type: string
              required:
              - name
              - selector
            GroupInput:
              description: A group as it is written.
              type: object
              properties:
                selector:
                  type: string
                  maxLength: 4096
                description:
                  type: string
                  maxLength: 4096
                priority:
                  type: integer
                  description: Where an agent is in two groups, the higher one wins.
                values:
                  type: object
                  additionalProperties: true
              required:
              - selector
            Value:
              description: What a variable is filled in with where no group and no agent says otherwise.
              type: object
              properties:
                name:
                  type: string
                value: {}
                description:
                  type: string
                source:
                  type: string
              required:
              - name
              - value
            ValueInput:
              description: A value as it is written.
              type: object
              properties:
                value:
                  type:
                  - string
                  - number
                  - boolean
                  - array
                description:
                  type: string
                  maxLength: 1024
              required:
              - value
            ConfigPatch:
              description: 'A JSON Merge Patch (RFC 7396): null removes the description.'
              type: object
              properties:
                description:
                  type:
                  - string
                  - 'null'
                  maxLength: 1024
            Approvals:
              description: Which rollouts need the yes of a second person.
              type: object
              properties:
                approval_selector:
                  type:
                  - string
                  - 'null'
                  description: Rollouts that can reach one of these agents.
                approval_size:
                  type:
                  - integer
                  - 'null'
                  minimum: 1
                  description: Rollouts to at least so many agents.
                author_may_not_approve:
                  type: boolean
                  description: Whether whoever wrote the revision may not say yes to it.
                allow_break_glass:
                  type: boolean
                  description: Whether an admin may go on without a yes in an emergency; false by default.
            Config:
              description: A configuration; what is in it are its revisions.
              type: object
              properties:
                name:
                  type: string
                description:
                  type: string
                latest:
                  type: integer
                  minimum: 1
                created:
                  type: string
                  format: date-time
                updated:
                  type: string
                  format: date-time
                author:
                  type: string
                source:
                  type: string
                  description: Where it was applied from.
              required:
              - name
              - latest
            RevisionSummary:
              description: A revision in a list.
              type: object
              properties:
                config:
                  type: string
                number:
                  type: integer
                  minimum: 1
                reference:
                  type: string
                hash:
                  type: string
                  pattern: ^[0-9a-f]{64}$
                message:
                  type: string
                author:
                  type: string
                created:
                  type: string
                  format: date-time
                size:
                  type: integer
                  minimum: 0
                files:
                  type: array
                  items:
                    type: string
              required:
              - config
              - number
              - hash
            Variable:
              description: A variable that is filled in for each agent.
              type: object
              properties:
                type:
                  type: string
                  enum:
                  - string
                  - int
                  - bool
                  - duration
                  - list
                default: {}
                required:
                  type: boolean
                description:
                  type: string
                allowed:
                  type: array
                from:
                  type: string
                  description: The label or attribute of the agent that says what it is.
            Revision:
              description: A revision with its files.
              type: object
              properties:
                config:
                  type: string
                number:
                  type: integer
                  minimum: 0
                  description: 0 for one that is not made.
                reference:
                  type: string
                hash:
                  type: string
                  pattern: ^[0-9a-f]{64}$
                message:
                  type: string
                author:
                  type: string
                created:
                  type: string
                  format: date-time
                files:
                  type: array
                  items:
                    $ref: '#/components/schemas/File'
                variables:
                  type: object
                  additionalProperties: true
                silence:
                  type: array
                  items:
                    type: string
                partial:
                  type: boolean
                findings:
                  type: array
                  items:
                    $ref: '#/components/schemas/Finding'
              required:
              - config
              - number
              - hash
              - files
            Draft:
              description: 'What a revision consists of: `body`, or several `files`.'
              type: object
              properties:
                body:
                  type: string
                  description: The configuration in YAML or JSON, as text.
                files:
                  type: array
                  items:
                    type: object
                    properties:
                      name:
                        type: string
                      type:
                        type: string
                      role:
                        type: string
                      body:
                        type: string
                    required:
                    - name
                    - body
                  maxItems: 64
                variables:
                  type: object
                  additionalProperties:
                    $ref: '#/components/schemas/Variable'
                silence:
                  type: array
                  items:
                    type: string
                  description: Lint rules that do not count.
                partial:
                  type: boolean
                  description: Whether it is laid over what agents have locally.
            RevisionInput:
              description: A draft with its message.
              allOf:
              - $ref: '#/components/schemas/Draft'
              - type: object
                properties:
                  message:
                    type: string
                    maxLength: 4096
                  description:
                    type: string
                    maxLength: 1024
                    description: What the configuration is for.
                  latest:
                    type: integer
                    minimum: 0
                    description: The number of the newest revision that the author knows, 0 for none; another is a conflict.
            CheckInput:
              description: A draft, or the number of a revision, and the agents it is for; the newest revision without either.
              allOf:
              - $ref: '#/components/schemas/Draft'
              - type: object
                properties:
                  revision:
                    type:
                    - integer
                    - string
                    description: A number, or `latest`.
                  selector:
                    type: string
                    maxLength: 4096
            CheckResult:
              description: What was found.
              type: object
              properties:
                valid:
                  type: boolean
                findings:
                  type: array
                  items:
                    $ref: '#/components/schemas/Finding'
                builds:
                  type: array
                  items:
                    type: string
                  description: The kinds of agents that it was checked against.
              required:
              - valid
              - findings
            RenderInput:
              description: A draft, or the number of a revision, and the agent.
              allOf:
              - $ref: '#/components/schemas/Draft'
              - type: object
                properties:
                  agent:
                    type: string
                    pattern: ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$
                  revision:
                    type:
                    - integer
                    - string
                required:
                - agent
            Rendering:
              description: What an agent would get.
              type: object
              properties:
                hash:
                  type: string
                  pattern: ^[0-9a-f]{64}$
                files:
                  type: array
                  items:
                    $ref: '#/components/schemas/File'
                variables:
                  type: object
                  additionalProperties: true
              required:
              - hash
              - files
            PackageSet:
              description: A set of packages in short.
              type: object
              properties:
                name:
                  type: string
                latest:
                  type: integer
                  minimum: 1
                reference:
                  type: string
                  description: What a rollout of the newest version has as its target.
                packages:
                  type: array
                  items:
                    type: string
                  description: The packages of the newest version with their versions.
                author:
                  type: string
                updated:
                  type: string
                  format: date-time
              required:
              - name
              - latest
              - reference
            PackageVersion:
              description: A version of a set; it never changes.
              type: object
              properties:
                name:
                  type: string
                number:
                  type: integer
                  minimum: 0
                  description: 0 for what does not exist yet.
                reference:
                  type: string
                message:
                  type: string
                author:
                  type: string
                created:
                  type: string
                  format: date-time
                packages:
                  type: array
                  items:
                    $ref: '#/components/schemas/Package'
              required:
              - name
              - number
              - packages
            Package:
              description: One package of a set.
              type: object
              properties:
                name:
                  type: string
                type:
                  type: string
                  enum:
                  - top_level
                  - addon
                version:
                  type: string
                artefacts:
                  type: array
                  items:
                    $ref: '#/components/schemas/Artefact'
              required:
              - name
              - type
              - version
              - artefacts
            Artefact:
              description: The file of a package for some platforms.
              type: object
              properties:
                match:
                  type: string
                  description: Which agents it is for, by what they report of themselves.
                url:
                  type: string
                hosted:
                  type: boolean
                  description: Whether agents download it from the manager.
                sha256:
                  type: string
                  pattern: ^[0-9a-f]{64}$
                signature:
                  type: string
                  description: Ed25519, in base64.
                key:
                  type: string
                  description: The id of the key that it was signed with.
              required:
              - match
              - hosted
              - sha256
              - signature
              - key
            PackageVersionInput:
              description: A new version of a set.
              type: object
              properties:
                message:
                  type: string
                latest:
                  type: integer
                  description: The number of the newest version that the author knows; another is a conflict.
                packages:
                  type: array
                  maxItems: 32
                  items:
                    $ref: '#/components/schemas/PackageInput'
              required:
              - packages
            PackageInput:
              description: One package of it.
              type: object
              properties:
                name:
                  type: string
                  description: What agents know it by; some know their only package by the empty name.
                type:
                  type: string
                  enum:
                  - top_level
                  - addon
                version:
                  type: string
                artefacts:
                  type: array
                  maxItems: 64
                  items:
                    $ref: '#/components/schemas/ArtefactInput'
                  description: The first that matches an agent is the one it gets.
              required:
              - version
              - artefacts
            ArtefactInput:
              description: The file of it for some platforms.
              type: object
              properties:
                match:
                  type: string
                  description: Which agents it is for, such as `os.type=linux,host.arch=amd64`; all without it.
                url:
                  type: string
                  description: Where it is; without it, a file that was sent to the manager.
                sha256:
                  type: string
                  pattern: ^[0-9a-f]{64}$
                signature:
                  type: string
                  description: Ed25519 in base64, made elsewhere; without it the manager signs, if it may.
              required:
              - sha256
            PackageFile:
              description: A file that the manager has, or gets.
              type: object
              properties:
                sha256:
                  type: string
                  pattern: ^[0-9a-f]{64}$
                size:
                  type: integer
                  minimum: 0
                received:
                  type: integer
                  minimum: 0
                time:
                  type: string
                  format: date-time
              required:
              - sha256
              - size
              - received
            PackageKeys:
              description: What agents check signatures of packages with.
              type: object
              properties:
                algorithm:
                  type: string
                  const: ed25519
                statement:
                  type: string
                  description: The first line of what is signed.
                signs:
                  type: boolean
                  description: Whether the manager signs itself.
                download_url:
                  type: string
                  description: Where agents download files of the manager; absent while that is not known.
                keys:
                  type: array
                  items:
                    type: object
                    properties:
                      id:
                        type: string
                      public_key:
                        type: string
                        description: 32 bytes in base64.
                      pem:
                        type: string
                      own:
                        type: boolean
                        description: Whether the manager has the private half.
                    required:
                    - id
                    - public_key
                    - pem
                    - own
              required:
              - algorithm
              - statement
              - signs
              - keys
            AgentPackages:
              description: The packages of an agent.
              type: object
              properties:
                state:
                  type: string
                  enum:
                  - in_sync
                  - pending
                  - applying
                  - failed
                  - drifted
                  - unmanaged
                set:
                  type: string
                  description: The version of the set that it ought to have.
                rollout:
                  type: string
                hash:
                  type: string
                assigned:
                  type: string
                  format: date-time
                reported_hash:
                  type: string
                error:
                  type: string
                statuses:
                  type: array
                  items:
                    type: object
                    properties:
                      name:
                        type: string
                      status:
                        type: string
                        enum:
                        - installed
                        - install_pending
                        - installing
                        - install_failed
                        - downloading
                        - unknown
                      has_version:
                        type: string
                      has_hash:
                        type: string
                      offered_version:
                        type: string
                      offered_hash:
                        type: string
                      error:
                        type: string
                      download_percent:
                        type: number
                      download_bytes_per_second:
                        type: number
                    required:
                    - name
                    - status
                history:
                  type: array
                  items:
                    $ref: '#/components/schemas/Report'
                  description: What became of offers, the newest first.
              required:
              - state
              - statuses
              - history
            Stage:
              description: 'One stage: `name`, `size` (1, 10%, 10%→50%→100% or a selector), `min_per_label`, `bake`, `max_parallel`,
                `rate`.'
              type: object
              additionalProperties: true
              required:
              - size
            Plan:
              description: A named list of stages.
              type: object
              properties:
                name:
                  type: string
                summary: {}
                stages:
                  type: array
                source:
                  type: string
                updated:
                  type: string
                  format: date-time
              required:
              - name
              - stages
            PlanInput:
              description: A plan as it is written.
              type: object
              properties:
                summary:
                  type: string
                  maxLength: 1024
                stages:
                  type: array
                  items:
                    $ref: '#/components/schemas/Stage'
                  minItems: 1
              required:
              - stages
            RolloutSpec:
              description: 'What is rolled out, to whom, and how carefully. Besides what is listed: `gate`, `rollback`, `confirm`,
                `validate`, `blast_radius`.'
              type: object
              properties:
                selector:
                  type: string
                  maxLength: 4096
                group:
                  type: string
                  minLength: 1
                  maxLength: 128
                  pattern: ^[A-Za-z0-9][A-Za-z0-9._-]*$
                target:
                  type: string
                  description: A configuration and its revision, such as `edge@17`, or a set of packages and its version, such as
                    `packages/agents@3`; `@latest` is pinned to a number.
                plan:
                  anyOf:
                  - type: string
                  - type: array
                    items:
                      $ref: '#/components/schemas/Stage'
                  description: The stages, or the name of a plan; without it one agent, then a tenth, then all.
                on_failure:
                  type: string
                  enum:
                  - pause
                  - rollback_stage
                  - rollback_all
                late_joiners:
                  type: string
                  enum:
                  - wait
                  - join_if_passed
                  - ignore
                expect:
                  type: string
                  enum:
                  - same
                  - drop
                approval:
                  type: boolean
                window: {}
                supersedes:
                  type: array
                  items:
                    type: string
                ignore_bad:
                  type: boolean
                note:
                  type: string
                  maxLength: 4096
              required:
              - target
              additionalProperties: true
            PhaseCounts:
              type: object
              additionalProperties:
                type: integer
                minimum: 0
              description: Agents by phase.
            RolloutStage:
              description: A stage with what has become of its agents.
              type: object
              properties:
                name:
                  type: string
                size:
                  type: string
                agents:
                  type: integer
                  minimum: 0
                phases:
                  $ref: '#/components/schemas/PhaseCounts'
                failures:
                  type: integer
                  minimum: 0
                state:
                  type: string
                  enum:
                  - waiting
                  - applying
                  - baking
                  - evaluating
                  - done
              required:
              - name
              - agents
              - phases
            Finding:
              description: What a check of a configuration has found.
              type: object
              properties:
                rule:
                  type: string
                severity:
                  type: string
                  enum:
                  - error
                  - warning
                  - note
                message:
                  type: string
                pointer:
                  type: string
                file:
                  type: string
                line:
                  type: integer
                  minimum: 1
                column:
                  type: integer
                  minimum: 1
                suggestion:
                  type: string
              required:
              - rule
              - severity
              - message
            Comparison:
              description: One comparison of a gate.
              type: object
              properties:
                check:
                  type: string
                verdict:
                  type: string
                  enum:
                  - pass
                  - fail
                  - inconclusive
                summary:
                  type: string
                agents:
                  type: integer
                  minimum: 0
                control:
                  type: integer
                  minimum: 0
                before:
                  type: number
                after:
                  type: number
                control_after:
                  type: number
                chance:
                  type: number
                violations:
                  type: integer
                  minimum: 0
              required:
              - check
              - verdict
              - summary
            GateReport:
              description: What a gate saw.
              type: object
              properties:
                stage:
                  type: integer
                  minimum: 0
                time:
                  type: string
                  format: date-time
                verdict:
                  type: string
                  enum:
                  - pass
                  - fail
                  - inconclusive
                reason:
                  type: string
                healthy:
                  type: integer
                  minimum: 0
                failed:
                  type: integer
                  minimum: 0
                lost:
                  type: integer
                  minimum: 0
                findings:
                  type: array
                  items:
                    $ref: '#/components/schemas/Comparison'
              required:
              - stage
              - time
              - verdict
            RolloutEvent:
              description: Something that happened to a rollout.
              type: object
              properties:
                time:
                  type: string
                  format: date-time
                kind:
                  type: string
                actor:
                  type: string
                reason:
                  type: string
                stage:
                  type: string
                agent:
                  type: string
              required:
              - time
              - kind
              - actor
            StandingAssignment:
              description: What a rollout that has succeeded goes on to promise, unless `late_joiners` is `ignore`. Agents that its
                selector chooses later get the revision, as fast as the last stage allows (50 a second where it has no rate, 500 in
                the middle of the change), within its windows and its disruption budget. Of several that choose an agent the one of
                the newest rollout counts. It ends when a later rollout over the same selector succeeds, or with `abort`; of more than
                200 the oldest end. It stops
                when three agents in a row cannot run the revision, and goes on with `resume`.
              type: object
              properties:
                state:
                  type: string
                  enum:
                  - active
                  - stopped
                  - ended
                reason:
                  type: string
                  description: Why it has stopped or ended.
                waiting:
                  type: string
                  description: What it waits for.
                begun:
                  type: string
                  format: date-time
                since:
                  type: string
                  format: date-time
                  description: Since when it has been in its state.
                assigned:
                  type: integer
                  minimum: 0
                  description: Agents that have got the revision because of it.
                healthy:
                  type: integer
                  minimum: 0
                failed:
                  type: integer
                  minimum: 0
                changing:
                  type: integer
                  minimum: 0
                  description: Agents that are in the middle of the change.
              required:
              - state
              - begun
              - since
              - assigned
              - healthy
              - failed
              - changing
            RolloutSummary:
              description: A rollout in a list.
              type: object
              properties:
                id:
                  type: string
                state:
                  type: string
                  enum:
                  - draft
                  - awaiting_approval
                  - validating
                  - running
                  - paused
                  - paused_recovery
                  - frozen
                  - rolling_back
                  - succeeded
                  - rolled_back
                  - aborted
                  - superseded
                reason:
                  type: string
                waiting:
                  type: string
                target:
                  type: string
                selector:
                  type: string
                standing:
                  $ref: '#/components/schemas/StandingAssignment'
                author:
                  type: string
                approver:
                  type: string
                break_glass:
                  $ref: '#/components/schemas/BrokenGlass'
                created:
                  type: string
                  format: date-time
                since:
                  type: string
                  format: date-time
                stage:
                  type: integer
                  minimum: 0
                stages:
                  type: integer
                  minimum: 0
                stage_name:
                  type: string
                agents:
                  type: integer
                  minimum: 0
                phases:
                  $ref: '#/components/schemas/PhaseCounts'
                note:
                  type: string
              required:
              - id
              - state
              - target
              - agents
              - phases
            Rollout:
              description: A rollout.
              type: object
              properties:
                id:
                  type: string
                state:
                  type: string
                  enum:
                  - draft
                  - awaiting_approval
                  - validating
                  - running
                  - paused
                  - paused_recovery
                  - frozen
                  - rolling_back
                  - succeeded
                  - rolled_back
                  - aborted
                  - superseded
                reason:
                  type: string
                waiting:
                  type: string
                target:
                  type: string
                selector:
                  type: string
                standing:
                  $ref: '#/components/schemas/StandingAssignment'
                author:
                  type: string
                approver:
                  type: string
                break_glass:
                  $ref: '#/components/schemas/BrokenGlass'
                created:
                  type: string
                  format: date-time
                since:
                  type: string
                  format: date-time
                stage:
                  type: integer
                  minimum: 0
                  description: The index of the present stage.
                stage_phase:
                  type: string
                  enum:
                  - applying
                  - baking
                  - evaluating
                stage_name:
                  type: string
                note:
                  type: string
                agents:
                  type: integer
                  minimum: 0
                phases:
                  $ref: '#/components/schemas/PhaseCounts'
                stages:
                  type: array
                  items:
                    $ref: '#/components/schemas/RolloutStage'
                gates:
                  type: array
                  items:
                    $ref: '#/components/schemas/GateReport'
                events:
                  type: array
                  items:
                    $ref: '#/components/schemas/RolloutEvent'
                failures:
                  type: array
                  items:
                    $ref: '#/components/schemas/RolloutAgent'
                  description: The first agents that could not do it, with their reasons.
                spec:
                  type: object
                  additionalProperties: true
              required:
              - id
              - state
              - target
              - agents
              - phases
              - stages
              - spec
            RolloutPreview:
              description: What a rollout would do.
              type: object
              properties:
                target:
                  type: string
                agents:
                  type: integer
                  minimum: 0
                stages:
                  type: array
                  items:
                    type: object
                    properties:
                      name:
                        type: string
                      size:
                        type: string
                      agents:
                        type: integer
                        minimum: 0
                      offline:
                        type: integer
                        minimum: 0
                      first:
                        type: array
                        items:
                          type: string
                          pattern: ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$
                    required:
                    - name
                    - size
                    - agents
                changes:
                  type: array
                  description: What changes for agents that have the same revision now.
                  items:
                    type: object
                    properties:
                      from:
                        type:
                        - string
                        - 'null'
                      to:
                        type: string
                      agents:
                        type: integer
                        minimum: 0
                    required:
                    - to
                    - agents
                excluded:
                  type: array
                  items:
                    type: object
                    properties:
                      uid:
                        type: string
                        pattern: ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$
                      reason:
                        type: string
                    required:
                    - uid
                    - reason
                excluded_count:
                  type: integer
                  minimum: 0
                conflicts:
                  type: array
                  items:
                    type: object
                    properties:
                      rollout:
                        type: string
                      agents:
                        type: integer
                        minimum: 0
                    required:
                    - rollout
                    - agents
                most_disrupted:
                  type: integer
                  minimum: 0
                  description: The most agents that would be in the middle of the change at once.
                needs_approval:
                  type: boolean
                problems:
                  type: array
                  items:
                    type: string
                  description: What would keep it from being started.
              required:
              - target
              - agents
              - stages
              - problems
            RolloutAgent:
              description: An agent of a rollout.
              type: object
              properties:
                uid:
                  type: string
                  pattern: ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$
                phase:
                  type: string
                  enum:
                  - pending
                  - assigned
                  - applying
                  - applied
                  - healthy
                  - failed
                  - lost
                  - reverting
                  - reverted
                  - stuck
                  - excluded
                stage:
                  type: integer
                  minimum: 0
                connected:
                  type: boolean
                previous:
                  type: string
                reason:
                  type: string
              required:
              - uid
              - phase
              - stage
            BrokenGlass:
              description: That an admin went on in an emergency without the second person that was needed.
              type: object
              properties:
                actor:
                  type: string
                  description: As in the audit log.
                owner:
                  type: string
                  description: The person.
                reason:
                  type: string
                time:
                  type: string
                  format: date-time
              required:
              - actor
              - owner
              - reason
              - time
            CommandInput:
              description: What goes with a command.
              type: object
              properties:
                reason:
                  type: string
                  maxLength: 1000
                all:
                  type: boolean
                  description: 'With promote: later stages need no gate either.'
                break_glass:
                  type: boolean
                  description: >-
                    With approve: an admin goes on in an emergency without a second person; needs a reason, which
                    everybody sees for ever.
            ReasonInput:
              description: Why, for the rollout and the audit log.
              type: object
              properties:
                reason:
                  type: string
                  maxLength: 1000
            Event:
              description: Something that has happened.
              type: object
              properties:
                id:
                  type: integer
                  minimum: 0
                time:
                  type: string
                  format: date-time
                kind:
                  type: string
                subject:
                  type: string
                message:
                  type: string
                actor:
                  type: string
                rollout:
                  type: string
                agent:
                  type: string
                details:
                  type: object
                  additionalProperties: true
              required:
              - id
              - time
              - kind
              - message
            EnrollmentToken:
              description: A token that new agents come with.
              type: object
              properties:
                id:
                  type: string
                name:
                  type: string
                created:
                  type: string
                  format: date-time
                expires:
                  type: string
                  format: date-time
                uses:
                  type: integer
                  minimum: 0
                most_uses:
                  type: integer
                  minimum: 0
                labels:
                  type: object
                  additionalProperties:
                    type: string
                auto_approve:
                  type: boolean
                  description: Whether its agents need nobody to let them in.
                keep:
                  type: boolean
                  description: Whether agents that cannot take another credential may stay with it.
                networks:
                  type: array
                  items:
                    type: string
                author:
                  type: string
                token:
                  type: string
                  description: Only in the answer that made it.
              required:
              - id
              - name
            EnrollmentTokenInput:
              description: What the token is for.
              type: object
              properties:
                name:
                  type: string
                  minLength: 1
                  maxLength: 128
                  pattern: ^[A-Za-z0-9][A-Za-z0-9._-]*$
                expires_in:
                  description: Such as 48h; 24h without it, and 0s or 0 for ever.
                  anyOf:
                  - type: string
                  - const: 0
                uses:
                  type: integer
                  minimum: 1
                  maximum: 1000000
                  description: How many agents may come with it.
                labels:
                  type: object
                  additionalProperties:
                    type: string
                    maxLength: 256
                auto_approve:
                  type: boolean
                keep:
                  type: boolean
                networks:
                  type: array
                  items:
                    type: string
                  maxItems: 64
              required:
              - name
            Enrollment:
              description: An agent that came with an enrollment token.
              type: object
              properties:
                uid:
                  type: string
                  pattern: ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$
                name:
                  type: string
                state:
                  type: string
                  enum:
                  - waiting
                  - approved
                  - rejected
                token:
                  type: string
                address:
                  type: string
                requested:
                  type: string
                  format: date-time
                decided:
                  type: string
                  format: date-time
                decided_by:
                  type: string
                reason:
                  type: string
              required:
              - uid
              - state
            Caller:
              description: Who asks.
              type: object
              properties:
                name:
                  type: string
                owner:
                  type: string
                roles:
                  type: array
                  items:
                    type: string
                permissions:
                  type: array
                  items:
                    type: string
              required:
              - name
              - roles
              - permissions
            Token:
              description: A token of a person or program.
              type: object
              properties:
                id:
                  type: string
                name:
                  type: string
                owner:
                  type: string
                roles:
                  type: array
                  items:
                    type: string
                    enum:
                    - viewer
                    - editor
                    - approver
                    - operator
                    - admin
                created:
                  type: string
                  format: date-time
                expires:
                  type: string
                  format: date-time
                last_used:
                  type: string
                  format: date-time
                  description: As far as this manager knows.
                author:
                  type: string
                token:
                  type: string
                  description: Only in the answer that made it.
              required:
              - id
              - name
              - roles
            TokenInput:
              description: What the token may do.
              type: object
              properties:
                name:
                  type: string
                  minLength: 1
                  maxLength: 128
                  pattern: ^[A-Za-z0-9][A-Za-z0-9._-]*$
                owner:
                  type: string
                  maxLength: 100
                  description: The person or program it is for; nobody approves their own rollouts. The name without it.
                roles:
                  type: array
                  items:
                    type: string
                    enum:
                    - viewer
                    - editor
                    - approver
                    - operator
                    - admin
                  minItems: 1
                expires_in:
                  type: string
                  description: Such as 720h; for ever without it.
              required:
              - name
              - roles
            AuditEntry:
              description: Who did what.
              type: object
              properties:
                number:
                  type: integer
                  minimum: 0
                time:
                  type: string
                  format: date-time
                action:
                  type: string
                actor:
                  type: string
                target:
                  type: string
                address:
                  type: string
                outcome:
                  type: string
                hash:
                  type: string
                details:
                  type: object
                  additionalProperties: true
              required:
              - number
              - time
              - action
              - actor
              - outcome
            AuditVerification:
              description: Whether nobody has changed the log.
              type: object
              properties:
                whole:
                  type: boolean
                entries:
                  type: integer
                  minimum: 0
                faults:
                  type: array
                  items:
                    type: string
              required:
              - whole
              - entries
              - faults
            Webhook:
              description: A place that events are sent to.
              type: object
              properties:
                name:
                  type: string
                url:
                  type: string
                kinds:
                  type: array
                  items:
                    type: string
                enabled:
                  type: boolean
                description:
                  type: string
                secret:
                  type: string
                  description: Only in the answer that made it.
                deliveries:
                  type: array
                  items:
                    $ref: '#/components/schemas/WebhookDelivery'
                updated:
                  type: string
                  format: date-time
              required:
              - name
              - url
            WebhookTest:
              description: What became of a test.
              type: object
              properties:
                name:
                  type: string
                url:
                  type: string
                delivery:
                  $ref: '#/components/schemas/WebhookDelivery'
              required:
              - name
              - url
            WebhookInput:
              description: A webhook as it is written.
              type: object
              properties:
                url:
                  type: string
                  maxLength: 2048
                kinds:
                  type: array
                  items:
                    type: string
                    maxLength: 64
                  maxItems: 64
                  description: The kinds of events, such as `rollout.state` or `rollout.*`; all without any.
                enabled:
                  type: boolean
                secret:
                  type: string
                  minLength: 16
                  maxLength: 256
                description:
                  type: string
                  maxLength: 1024
              required:
              - url
            WebhookDelivery:
              description: One try to deliver an event.
              type: object
              properties:
                time:
                  type: string
                  format: date-time
                event:
                  type: integer
                  minimum: 0
                status:
                  type: integer
                  minimum: 0
                attempts:
                  type: integer
                  minimum: 0
                outcome:
                  type: string
                  enum:
                  - delivered
                  - failed
                  - dropped
                error:
                  type: string
            ApplyInput:
              description: What a directory says the manager should have.
              type: object
              properties:
                source:
                  type: string
                  minLength: 1
                  maxLength: 128
                  pattern: ^[A-Za-z0-9][A-Za-z0-9._-]*$
                  description: What is pruned together.
                configurations:
                  type: array
                  items:
                    type: object
                    properties:
                      name:
                        type: string
                      description:
                        type: string
                      message:
                        type: string
                      files:
                        type: array
                        items:
                          type: object
                          properties:
                            name:
                              type: string
                            type:
                              type: string
                            role:
                              type: string
                            encoding:
                              type: string
                              enum:
                              - text
                              - base64
                            body:
                              type: string
                          required:
                          - body
                      variables:
                        type: object
                        additionalProperties: true
                      silence:
                        type: array
                        items:
                          type: string
                      partial:
                        type: boolean
                    required:
                    - name
                    - files
                groups:
                  type: array
                  items:
                    type: object
                    properties:
                      name:
                        type: string
                      selector:
                        type: string
                      description:
                        type: string
                      priority:
                        type: integer
                      values:
                        type: object
                        additionalProperties: true
                    required:
                    - name
                    - selector
                values:
                  type: array
                  items:
                    type: object
                    properties:
                      name:
                        type: string
                      value: {}
                      description:
                        type: string
                    required:
                    - name
                    - value
                plans:
                  type: array
                  items:
                    type: object
                    properties:
                      name:
                        type: string
                      spec:
                        type: object
                        additionalProperties: true
                    required:
                    - name
                    - spec
            ApplyResult:
              description: What was done, or with dry_run would be.
              type: object
              properties:
                source:
                  type: string
                changes:
                  type: array
                  items:
                    type: object
                    properties:
                      kind:
                        type: string
                        enum:
                        - configuration
                        - group
                        - value
                        - plan
                      name:
                        type: string
                      action:
                        type: string
                        enum:
                        - created
                        - updated
                        - unchanged
                        - deleted
                        - kept
                      revision:
                        type: integer
                        minimum: 0
                      message:
                        type: string
                    required:
                    - kind
                    - name
                    - action
                findings:
                  type: array
                  items:
                    $ref: '#/components/schemas/Finding'
              required:
              - source
              - changes
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

        """#
}
