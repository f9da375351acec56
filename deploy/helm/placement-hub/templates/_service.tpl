{{- /* A Deployment of one service: .root, .service, .own (its values), .env (further variables). */ -}}
{{- define "hub.deployment" -}}
{{- $settings := merge (dict) .own.settings .root.Values.settings }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "hub.name" . }}
  labels: {{- include "hub.allLabels" . | nindent 4 }}
spec:
  {{- if not .own.autoscaling.enabled }}
  replicas: {{ .own.replicas }}
  {{- end }}
  # A new pod is ready before an old one goes: no event waits for an upgrade.
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector:
    matchLabels: {{- include "hub.labels" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "hub.allLabels" . | nindent 8 }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      # Longer than the batch in hand, the relay and the requests may take to finish (graceful_timeout_s twice, and 5 s).
      terminationGracePeriodSeconds: 45
      securityContext: {{- include "hub.podSecurity" . | nindent 8 }}
      {{- with .root.Values.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .root.Values.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .root.Values.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "hub.labels" . | nindent 14 }}
      containers:
        - name: {{ .service }}
          image: {{ include "hub.image" . }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          ports:
            - {name: http, containerPort: 8000}
          env:
            {{- include "hub.kafkaEnv" . | nindent 12 }}
            {{- include "hub.secretEnv" (dict "root" .root "keys" (dict
              "HUB_DATABASE_URL" (printf "%s-database-url" .service)
              "HUB_INTERNAL_TOKEN" "internal-token"
              "HUB_OWNER_URL" "owner-url"
            )) | nindent 12 }}
            # Migrations run at the start, one pod at a time (an advisory lock).
            - {name: HUB_DATABASE_OWNER_URL, value: "$(HUB_OWNER_URL)/hub_{{ .service }}"}
            {{- with .env }}{{ . | nindent 12 }}{{- end }}
            {{- range $name, $value := $settings }}
            - {name: {{ $name }}, value: {{ $value | toString | quote }}}
            {{- end }}
          # Migrations may take minutes: until they are done the service answers, but is not ready.
          startupProbe:
            httpGet: {path: /health/ready/http, port: http}
            periodSeconds: 2
            failureThreshold: 150
          readinessProbe:
            # Pages go on while Kafka is away (the outbox queues), so they are asked for alone.
            httpGet: {path: /health/ready/http, port: http}
            periodSeconds: 5
          livenessProbe:
            httpGet: {path: /health/live, port: http}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          resources: {{- toYaml .own.resources | nindent 12 }}
          securityContext: {{- include "hub.containerSecurity" . | nindent 12 }}
          volumeMounts: {{- include "hub.mounts" . | nindent 12 }}
      volumes: {{- include "hub.volumes" . | nindent 8 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "hub.name" . }}
  labels: {{- include "hub.allLabels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "hub.labels" . | nindent 6 }}
{{- end }}
