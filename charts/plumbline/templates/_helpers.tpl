{{- define "plumbline.name" -}}
{{- .Values.fullnameOverride | default (ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name)) | trunc 45 | trimSuffix "-" }}
{{- end }}

{{/* For what lies outside of the namespace: releases in several namespaces must not meet there. */}}
{{- define "plumbline.wideName" -}}
{{ printf "%s-%s" .Release.Namespace (include "plumbline.name" .) }}
{{- end }}

{{- define "plumbline.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "plumbline.name" .) }}
{{- end }}

{{- define "plumbline.user" -}}
{{ printf "system:serviceaccount:%s:%s" .Release.Namespace (include "plumbline.serviceAccount" .) }}
{{- end }}

{{- define "plumbline.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "plumbline.ownLabels" -}}
{{ include "plumbline.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "plumbline.labels" -}}
{{ include "plumbline.ownLabels" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The same with further ones, of which each wins over a common one of its name. */}}
{{- define "plumbline.labelsAnd" -}}
{{ merge (dict) (.further | default dict) (include "plumbline.labels" .root | fromYaml) | toYaml }}
{{- end }}

{{/* "true" where a volume lies below the folder in which the operator looks for secrets. */}}
{{- define "plumbline.mountsSecrets" -}}
{{- if .Values.secrets }}true{{ else }}
{{- range .Values.extraVolumeMounts }}{{ if hasPrefix "/etc/plumbline/secrets/" .mountPath }}true{{ end }}{{ end }}
{{- end }}
{{- end }}

{{- define "plumbline.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* What a schema cannot say, because it is about two values at once, or not clearly. */}}
{{- define "plumbline.check" -}}
{{- if eq .Values.artifacts.namespace .Release.Namespace }}
{{- fail (printf "artifacts.namespace is %s, the namespace of the release: the operator could read every Secret there. Name another one." .Release.Namespace) }}
{{- end }}
{{- if and (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) }}
{{- fail "serviceAccount.create is false and serviceAccount.name is empty: name the account that stands already." }}
{{- end }}
{{- range $key := list "name" "selector" }}
{{- $seen := list }}
{{- range $region := $.Values.regions }}
{{- if has (get $region $key) $seen }}
{{- fail (printf "two regions have the %s %s: each needs its own." $key (get $region $key)) }}
{{- end }}
{{- $seen = append $seen (get $region $key) }}
{{- end }}
{{- end }}
{{- range $key := append (include "plumbline.ownLabels" . | fromYaml | keys) "plumbline.dev/region" }}
{{- range $name := list "podLabels" "commonLabels" }}
{{- if hasKey (get $.Values $name | default dict) $key }}
{{- fail (printf "%s has %s, a label of the chart's own: what is selected by it would not be found. Leave it out." $name $key) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $key, $_ := .Values.commonLabels }}
{{- if or (hasPrefix "rbac.authorization.k8s.io/" $key) (hasPrefix "pod-security.kubernetes.io/" $key) }}
{{- fail (printf "commonLabels has %s, which gives rights: what has it is chosen by the chart. Leave it out." $key) }}
{{- end }}
{{- end }}
{{- range .Values.extraVolumes }}
{{- if or (has .name (list "tmp" "artifacts")) (hasPrefix "secret-" .name) }}
{{- fail (printf "extraVolumes has %s, a volume of the chart's own: give it another name." .name) }}
{{- end }}
{{- end }}
{{- end }}
