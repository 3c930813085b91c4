// SPDX-License-Identifier: EUPL-1.2
//
// words_fr.ts: the page in French, and the type that the other language must fill.
import type { FailureCode } from './failure.ts';

export interface Words {
  page_title: string;
  other_language: string;
  door: {
    title: string;
    lead_link: string;
    lead_shl: string;
    until(instant: string): string;
    label(text: string): string;
    untouched: string;
    title_card: string;
    lead_card: string;
    untouched_card: string;
    reader: string;
    reader_hint: string;
    reader_missing: string;
    reason: string;
    reason_hint: string;
    reason_missing: string;
    waits: (instant: string) => string;
    passcode: string;
    passcode_hint: string;
    passcode_missing: string;
    shl_told: string;
    open: string;
    opening: string;
    knocking: string;
  };
  paste: { title: string; lead: string; field: string; go: string };
  deposit: {
    title: string;
    lead: string;
    until(instant: string): string;
    promise: string;
    name: string;
    organisation: string;
    note: string;
    files: string;
    hints: {
      name: string;
      organisation: string;
      note: string;
      files(size: string): string;
    };
    no_file: string;
    too_many(size: string, count: number): string;
    remove: string;
    remove_file(name: string): string;
    send: string;
    sending: string;
    sent(part: number): string;
    done_title: string;
    done: string;
    again: string;
    privacy: string;
    reply_title: string;
    reply_lead: string;
    back: string;
  };
  failure_title: string;
  failures: Record<FailureCode, string>;
  tries_left(count: number): string;
  retry: string;
  share: {
    title: string;
    born(date: string): string;
    by: string;
    by_patient: string;
    to: string;
    purpose: string;
    until: string;
    no_end: string;
    documents(count: number): string;
    choose: string;
    none: string;
    verified: string;
    unchecked: string;
    unsigned: string;
    no_patient: string;
    ended: string;
    reply: string;
    reply_hint: string;
  };
  document: {
    untitled: string;
    summary: string;
    kinds: Record<'pdf' | 'image' | 'text' | 'cda' | 'fhir' | 'other', string>;
    dated(date: string): string;
    by(author: string): string;
    loading: string;
    print: string;
    download: string;
    unreadable: string;
    not_shown: string;
    open_inner: string;
    more_pages: string;
    to_list: string;
    other_patient(date: string): string;
    page(number: number, of: number): string;
    printed_from(until: string): string;
    printed_from_link: string;
  };
  cda: {
    patient: string;
    born: string;
    date: string;
    author: string;
    custodian: string;
    attachment: string;
    outside: string;
    unreadable: string;
  };
  fhir: { empty: string; unreadable: string; nothing: string };
  privacy: string;
}

export const french: Words = {
  page_title: 'Documents partagés · Coffret',
  other_language: 'English',
  door: {
    title: 'Des documents de santé sont partagés avec vous',
    lead_link: 'Une personne vous ouvre une partie de son coffre de santé, pour un temps limité.',
    lead_shl: 'Une personne partage avec vous un lien de santé (SMART Health Link).',
    until: (instant) => `Ce lien est valable jusqu’au ${instant}.`,
    label: (text) => `Intitulé du lien : ${text}`,
    untouched: 'Rien n’est encore ouvert. La personne qui partage verra votre ouverture.',
    title_card: 'Carte d’urgence',
    lead_card:
      'La personne à qui est cette carte a choisi quelques documents pour qui la secourt ou la soigne.',
    untouched_card:
      'Rien n’a encore été ouvert. Votre nom et votre motif sont notés, et la personne est prévenue.',
    reader: 'Votre nom et votre établissement',
    reader_hint: 'Par exemple : Dr Camille Exemple, Centre de santé des Tilleuls',
    reader_missing: 'Indiquez qui vous êtes : la personne qui partage le verra.',
    reason: 'Pourquoi vous l’ouvrez',
    reason_hint: 'En quelques mots. Par exemple : trouvé inconscient, accident de la route',
    reason_missing: 'Indiquez pourquoi vous ouvrez cette carte : la personne le verra.',
    waits: (instant) =>
      `La personne est prévenue et peut refuser. Lisible à partir du ${instant} : laissez cette page ouverte.`,
    passcode: 'Code',
    passcode_hint: 'La personne qui partage vous l’a donné à part.',
    passcode_missing: 'Indiquez le code.',
    shl_told: 'Pour cette sorte de lien, le serveur lit le nom que vous donnez.',
    open: 'Ouvrir',
    opening: 'Ouverture…',
    knocking: 'Vérification du lien…',
  },
  paste: {
    title: 'Ouvrir un lien de partage',
    lead: 'Rouvrez le lien tel que vous l’avez reçu, ou collez-le ici. Cette page ne garde rien : après un rechargement, il faut rouvrir le lien.',
    field: 'Lien reçu',
    go: 'Continuer',
  },
  deposit: {
    title: 'Envoyer des documents de santé',
    lead: 'Une personne vous a donné ce lien pour recevoir des documents dans son coffre de santé.',
    until: (instant) => `Ce lien est valable jusqu’au ${instant}.`,
    promise:
      'Les documents, votre nom et votre message sont chiffrés dans ce navigateur. Seule la ' +
      'personne qui vous a donné le lien peut les lire.',
    name: 'Votre nom',
    organisation: 'Votre établissement',
    note: 'Un mot pour la personne (facultatif)',
    files: 'Documents',
    hints: {
      name: 'Par exemple : Dr Camille Exemple',
      organisation: 'Par exemple : Laboratoire des Tilleuls',
      note: 'Elle le lira avant d’accepter les documents.',
      files: (size) => `PDF, images, CDA, FHIR… ${size} en tout au plus.`,
    },
    no_file: 'Choisissez au moins un document.',
    too_many: (size, count) => `C’est trop : ${size} en tout et ${count} fichiers au plus.`,
    remove: 'Retirer',
    remove_file: (name) => `Retirer ${name}`,
    send: 'Envoyer',
    sending: 'Envoi…',
    sent: (part) => `Envoyé : ${Math.round(part * 100)} %`,
    done_title: 'C’est envoyé',
    done: 'Les documents sont arrivés, chiffrés. La personne décidera de les ranger dans son coffre.',
    again: 'Envoyer autre chose',
    privacy: 'Chiffré dans votre navigateur. Cette page ne garde rien.',
    reply_title: 'Répondre par des documents',
    reply_lead: 'Ils vont dans le coffre de santé de la personne qui partage, en réponse à ce partage.',
    back: 'Revenir aux documents',
  },
  failure_title: 'Impossible d’ouvrir',
  failures: {
    no_link: 'Il manque le lien.',
    malformed: 'Ce lien n’est pas complet. Copiez-le en entier, ou demandez-le de nouveau.',
    other_version:
      'Ce lien a été fait par une version plus récente. Cette page ne sait pas le lire.',
    needs_key:
      'Ce partage s’ouvre avec votre clé de soignant, pas dans un navigateur : utilisez votre ' +
      'programme Coffret.',
    link_not_active:
      'Ce lien n’est plus actif. Demandez-en un autre à la personne qui vous l’a donné.',
    wrong_passcode: 'Ce code n’est pas le bon.',
    server_unreachable: 'Le serveur ne répond pas. Vérifiez la connexion, puis réessayez.',
    server_error: 'Le serveur a rencontré une erreur. Réessayez dans un moment.',
    rate_limited: 'Trop de demandes à la fois. Réessayez dans un moment.',
    damaged:
      'Ce qui a été reçu est abîmé ou a été modifié. Rien n’est affiché. Prévenez la personne qui partage.',
    too_large: 'C’est plus grand que ce que cette page peut ouvrir.',
    other_key:
      'Le serveur montre une autre clé que celle du lien : rien n’a été envoyé. Prévenez la personne qui vous l’a donné.',
    too_much: 'C’est plus que ce que ce lien peut encore prendre. Rien n’a été envoyé.',
    cut_off:
      'L’envoi n’est pas arrivé en entier : rien n’en sera montré. Vérifiez la connexion, puis recommencez.',
    foreign_host:
      'Ces données sont gardées par un autre serveur. Cette page n’ouvre que ce que garde le sien.',
    old_browser:
      'Ce navigateur est trop ancien, ou la page n’est pas ouverte en https. Essayez avec un navigateur à jour.',
  },
  tries_left: (count) =>
    count === 0
      ? 'Il ne reste aucun essai.'
      : count === 1
        ? 'Il reste un essai.'
        : `Il reste ${count} essais.`,
  retry: 'Réessayer',
  share: {
    title: 'Documents partagés',
    born: (date) => `né(e) le ${date}`,
    by: 'Partagé par',
    by_patient: 'le patient ou la patiente',
    to: 'Pour',
    purpose: 'Motif',
    until: 'Jusqu’au',
    no_end: 'non indiqué',
    documents: (count) => (count === 1 ? '1 document' : `${count} documents`),
    choose: 'Choisissez un document pour le lire.',
    none: 'Ce partage ne contient aucun document.',
    verified: 'Signature vérifiée : rien n’a été modifié depuis l’envoi.',
    unchecked:
      'Ce navigateur ne sait pas vérifier la signature. Le contenu est déchiffré et intact.',
    unsigned: 'Ce type de lien n’est pas signé : l’expéditeur n’est pas vérifié.',
    no_patient: 'Identité du patient non indiquée',
    ended: 'Ce partage est arrivé à sa fin. Les documents ne sont plus affichés.',
    reply: 'Répondre par un document',
    reply_hint: 'Il est chiffré dans ce navigateur ; seule cette personne peut le lire.',
  },
  document: {
    untitled: 'Document sans titre',
    summary: 'Résumé de santé',
    kinds: {
      pdf: 'PDF',
      image: 'Image',
      text: 'Texte',
      cda: 'Document médical',
      fhir: 'Résumé',
      other: 'Fichier',
    },
    dated: (date) => date,
    by: (author) => author,
    loading: 'Déchiffrement…',
    print: 'Imprimer',
    download: 'Enregistrer',
    unreadable:
      'Ce document ne peut pas être affiché : il est abîmé, ou protégé par un mot de passe.',
    not_shown: 'Cette page n’affiche pas ce type de fichier, par prudence.',
    open_inner: 'Afficher le document joint',
    more_pages: 'Afficher les pages suivantes',
    to_list: 'Liste',
    other_patient: (date) =>
      `Attention : ce document concerne une personne née le ${date}, une autre date que celle du partage. Vérifiez l’identité.`,
    page: (number, of) => `Page ${number} sur ${of}`,
    printed_from: (until) => `Partagé par le patient jusqu’au ${until}`,
    printed_from_link: 'Partagé par le patient',
  },
  cda: {
    patient: 'Patient',
    born: 'Né(e) le',
    date: 'Date',
    author: 'Auteur',
    custodian: 'Conservé par',
    attachment: 'Pièce jointe',
    outside: 'Ce document renvoie à un fichier situé ailleurs, qui n’est pas chargé.',
    unreadable: 'Une partie de ce document ne peut pas être affichée.',
  },
  fhir: {
    empty: 'Ce fichier ne contient rien à lire.',
    unreadable: 'Le texte de cette rubrique ne peut pas être affiché.',
    nothing: 'Rien d’indiqué.',
  },
  privacy: 'Déchiffré dans votre navigateur. Rien n’est gardé après la fermeture de cette page.',
};
